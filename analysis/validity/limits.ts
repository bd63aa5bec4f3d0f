/** The limits of the validity rules, fixed before any run. docs/validity.md derives them. */
export const VALIDITY = {
  /** ms: three ticks of ~16 ms. */
  tickLatenessP95: 50,
  /** The share of ticks that lies above a 95th percentile. */
  lateTickShare: 0.05,
  /** ms: the lifetime of the library's unreliable messages. */
  frozenMs: 2000,
  sentShare: 0.95,
  cpuUsage: 0.9,
  /** Share of scheduler periods. */
  throttled: 0.05,
  /** The share of its cores that a machine may use and still measure well. */
  cpuTarget: 0.7,
  /** Share of a runner's cores that others than its browser may use before they are named as the cause. */
  othersUsage: 0.3,
  /** Number of consecutive data points that may be missing. */
  missedIntervals: 3,
  /** How long a peer must have been present, in ms, before its silence means something. */
  deadAfterMs: 3000,
  clockErrorShare: 0.1,
  /** Share of first arrivals. */
  negativeLatencies: 0.01
} as const
