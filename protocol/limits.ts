/** Ids of tests, peers and runners: safe in a URL, a file name, line protocol and HTML alike. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/

/** Bounds of everything that crosses the network. What exceeds one is refused with 400 or 413, never truncated. */
export const LIMITS = {
  /** Bytes of a request body after decompression. */
  bodyBytes: 1_048_576,
  /** Bytes of a peer's final account or of a topology: 20,000 peers are named in it. */
  accountBytes: 4_194_304,
  /** Data points in one batch. */
  batchLength: 1_000,
  /** Peers in one test. */
  peersPerTest: 20_000,
  /** Gaps in the sequence of one peer's data points, which the server must remember to know duplicates. */
  sequenceGaps: 1_000,
  /** Tests that are not finished. */
  openTests: 1_000,
  /** Streams of events that are open at once. */
  eventStreams: 1_000,
  /** Runners in one test. */
  runnersPerTest: 2_000,
  /** Labels of one test. */
  labels: 32,
  /** Characters of a label's value, an error text or a routine's specification. */
  textLength: 1_024,
  /** Characters of an encoded histogram: ~20,000 distinct buckets never need more. */
  histogramLength: 65_536,
  /** Seconds a test may last: one week. */
  durationSeconds: 604_800,
  /** Connected peers that one data point names. */
  connectedPeers: 1_000
} as const
