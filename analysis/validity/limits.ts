/** The limits of the validity rules, fixed before any run. docs/validity.md has their units and reasons. */
export const VALIDITY = {
  tickLatenessP95: 50,
  lateTickShare: 0.05,
  frozenMs: 2000,
  sentShare: 0.95,
  cpuUsage: 0.9,
  throttled: 0.05,
  cpuTarget: 0.7,
  othersUsage: 0.3,
  missedIntervals: 3,
  deadAfterMs: 3000,
  clockErrorShare: 0.1,
  negativeLatencies: 0.01
} as const
