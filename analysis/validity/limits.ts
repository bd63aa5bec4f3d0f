/** The constants of the rules of validity, fixed before any run. docs/validity.md derives them. */
export const VALIDITY = {
  /** ms; three ticks of ~16 ms. */
  tickLatenessP95: 50,
  /** The share of ticks that a 95th percentile leaves out. */
  lateTickShare: 0.05,
  /** ms; what the library's unreliable messages live for. */
  frozenMs: 2000,
  sentShare: 0.95,
  cpuUsage: 0.9,
  /** Share of scheduler periods. */
  throttled: 0.05,
  /** Share of its cores that a machine which measures well is busy. */
  cpuTarget: 0.7,
  /** Share of a runner's cores that processes other than its browser's may have before they are named as the cause. */
  othersUsage: 0.3,
  /** Data points that may be missing in a row. */
  missedIntervals: 3,
  /** ms that a peer must have been present before its silence means something. */
  deadAfterMs: 3000,
  clockErrorShare: 0.1,
  /** Share of first arrivals. */
  negativeLatencies: 0.01
} as const
