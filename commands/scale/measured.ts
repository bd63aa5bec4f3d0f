/** What one peer and one message cost, as measured (docs/scale.md tells how, and on what). Everything else follows from these. */
export const MEASURED = {
  /** CPU-ms of the browser a second of a peer, beside what packets cost. */
  cpuMsPerPeerSecond: 25,
  /** CPU-ms of the browser for a packet received, with its share of sending and relaying. */
  cpuMsPerPacket: 0.13,
  /** Bytes of the browser's memory: for itself and a tab, and for each peer in it. */
  memoryPerContainer: 280e6,
  memoryPerPeer: 27e6,
  /** Bytes of a packet without the ids of those that have received it, and of each such id. */
  packetBytes: 150,
  idBytes: 44,
  /** Bytes of a data point in the journal. */
  dataPointBytes: 3_000,
  /** Bytes of a peer's final account: for itself, and for each peer that it heard. */
  accountBytes: 10_000,
  accountBytesPerSender: 70,
  /** Fields that a data point becomes in InfluxDB. */
  influxFieldsPerPoint: 95
} as const

/** What one of a kind can take. */
export const CAPACITY = {
  /** Share of its cores that a container may use without voiding the test by its lateness. */
  cpuShare: 0.6,
  /** Of one container, as deploy/aws and deploy/kubernetes size it. */
  containerCores: 2,
  containerMemory: 4e9,
  /** Data points a second of one results server, in batches, synced to disk, with the relay on: the least that was seen. */
  dataPointsPerSecond: 5_000,
  /** Peers of one development Lighthouse (`maxPeers`), and of one layer or island of any. */
  lighthousePeers: 5_000,
  peersPerGroup: 100,
  /** Fields a second of one InfluxDB of moderate size: https://docs.influxdata.com/influxdb/v1/guides/hardware_sizing/ */
  influxFieldsPerSecond: 250_000,
  /** Bytes a second of a container's network, each way: what small cloud machines keep up. */
  networkBytesPerSecond: 125e6
} as const
