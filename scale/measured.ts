/**
 * The measured cost of one peer and one message (docs/scale.md says how it was measured, and on which
 * machine). Everything else is derived from these figures.
 */
export const MEASURED = {
  /** CPU-ms that the browser uses per second and peer, excluding the cost of packets. */
  cpuMsPerPeerSecond: 25,
  /** CPU-ms that the browser uses per received packet, including its share of sending and relaying. */
  cpuMsPerPacket: 0.13,
  /** Browser memory in bytes: for the browser and one tab, and for each peer in it. */
  memoryPerContainer: 280e6,
  memoryPerPeer: 27e6,
  /** Bytes of a data point in the journal. */
  dataPointBytes: 3_000,
  /** Bytes of a peer's final results: the fixed part, and the part for each peer that it heard. */
  accountBytes: 10_000,
  accountBytesPerSender: 70,
  /** InfluxDB fields per data point. */
  influxFieldsPerPoint: 95
} as const

/** The capacity of one container, Lighthouse, server or database. */
export const CAPACITY = {
  /** Share of its cores that a container may use without tick lateness voiding the test. */
  cpuShare: 0.6,
  /** Size of one container in deploy/aws and deploy/kubernetes. */
  containerCores: 2,
  /**
   * Data points per second of one results server, in batches, synced to disk, with the relay on: the lowest
   * rate observed.
   */
  dataPointsPerSecond: 5_000,
  /** Peers of one development Lighthouse (`maxPeers`), and of one layer or island on any Lighthouse. */
  lighthousePeers: 5_000,
  peersPerGroup: 100,
  /**
   * Fields per second of one InfluxDB of moderate size:
   * https://docs.influxdata.com/influxdb/v1/guides/hardware_sizing/
   */
  influxFieldsPerSecond: 250_000,
  /** Network bytes per second of a container, each way: a rate that small cloud machines sustain. */
  networkBytesPerSecond: 125e6
} as const
