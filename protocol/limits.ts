/** Ids of tests, peers and runners. Safe in a URL, a file name, line protocol and HTML. */
export const ID_PATTERN = /^[A-Za-z0-9_-]{1,64}$/

/** Limits of what crosses the network. Anything larger is refused with 400 or 413, never truncated. */
export const LIMITS = {
  /** Bytes of a request body after decompression. */
  bodyBytes: 1_048_576,
  /**
   * JSON values in a request body, which cost more time than bytes. 500 full data points have 55,000. In
   * final results, a sender takes six, and a churning one is 150 senders an hour: enough for 20 of them for 8
   * hours.
   */
  bodyValues: 150_000,
  /** Bytes of a peer's final results. Nearly all of them are the times of its messages, at 1.3 bytes each. */
  finalResultsBytes: 4_194_304,
  topologyBytes: 4_194_304,
  /** JSON values in a topology: 4,000 peers with seven connections each, or a full mesh of 200. */
  topologyValues: 50_000,
  /** Bytes of a client page, as JSON: a bundle of a library that is eight times the published ones. */
  pageBytes: 8_388_608,
  batchLength: 1_000,
  peersPerTest: 20_000,
  /** Gaps in a peer's sequence numbers, which the server must remember to recognise duplicates. */
  sequenceGaps: 1_000,
  openTests: 1_000,
  /** In one page of the list. */
  listedTests: 200,
  /** Peers that an event stream tells apart. Of larger tests, it has the sums of groups. */
  watchedPeers: 200,
  /** Event streams open at the same time. */
  eventStreams: 1_000,
  /** Results documents being read at the same time. */
  documentReaders: 32,
  runnersPerTest: 2_000,
  /** Characters of all runners' provenance, which every state of the test has. A runner's has about 600. */
  provenanceLength: 2_097_152,
  labels: 32,
  /** Characters of a label's value, an error text or a routine's specification. */
  textLength: 1_024,
  pageErrorLength: 4_096,
  /** Characters of an encoded histogram: ~20,000 distinct buckets never need more. */
  histogramLength: 65_536,
  /** Seconds a test may last: one day. Two of the routine chat-storm would exceed `finalResultsBytes`. */
  durationSeconds: 86_400,
  /** Outages in one runner's network. A network's text has room for fewer. */
  outages: 500,
  /** Listed in one data point. */
  connectedPeers: 1_000
} as const

export const WHY_NO_LONGER = 'the final results of a longer test may be too large to submit'

/**
 * Why a test without measured time is refused, and what to do. Undefined if the routines run longer than the
 * warm-up, or each client decides how long.
 */
export function nothingMeasured(duration: number | undefined, warmup: number): string | undefined {
  if (duration === undefined || duration > warmup) return undefined
  return `${duration} s is not longer than the warm-up of ${warmup} s, so nothing would be measured. Use a longer duration or a shorter warm-up`
}
