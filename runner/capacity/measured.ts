/**
 * The measured cost of one peer and one message (docs/calibration.md says how it was measured, and on which
 * machine). Everything else is derived from these figures.
 */
export const MEASURED = {
  /** CPU-ms that the browser uses per second and peer, excluding the cost of packets. */
  cpuMsPerPeerSecond: 25,
  /** CPU-ms that the browser uses per received packet, including its share of sending and relaying. */
  cpuMsPerPacket: 0.13,
  /** Bytes of memory: for the browser and one tab, and for each peer in it. */
  memoryPerBrowser: 280e6,
  memoryPerPeer: 27e6
} as const

/** What a machine, a mesh and a results server can take. */
export const CAPACITY = {
  /** Share of its cores that a machine may use without tick lateness voiding the test. */
  cpuShare: 0.6,
  /** Data points per second, in batches, synced to disk, with the relay on: the lowest rate observed. */
  dataPointsPerSecond: 5_000,
  /** Of one layer or island, on any Lighthouse. */
  peersPerMesh: 100,
  /** Bytes per second, each way: a rate that small cloud machines sustain. */
  networkBytesPerSecond: 125e6
} as const
