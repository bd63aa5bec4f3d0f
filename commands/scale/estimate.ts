/** What a test of so many peers needs, and which limit it meets first. */
import { LIMITS } from '../../protocol/limits'
import { CAPACITY, MEASURED } from './measured'
import { meanSpread, type MeanSpread, type Relaying } from './relay-simulation'

export interface TestPlan {
  peers: number
  /** Peers in one layer or island: they alone hear each other. */
  group: number
  messageTypes: 'faithful' | 'deduplicated'
  /** `full`: every peer of a group is connected to every other. */
  mesh: 'library' | 'full'
  /** Seconds. */
  duration: number
  /** Seconds between the data points of a peer. */
  interval: number
}

/** Messages a second of the usual routines (client/routines), by how the library treats them. */
const UNRELIABLE_PER_SECOND = 11
const RELIABLE_PER_SECOND = 0.1

export interface Limit {
  name: string
  needs: number
  takes: number
  unit: string
  /** What to change where it is met. */
  advice: string
}

export interface Estimate {
  spread: MeanSpread
  /** Of one peer, a second. */
  packets: number
  bytes: number
  /** Cores that one peer keeps busy. */
  cores: number
  /** Undefined where no container can carry even one peer. */
  peersPerContainer: number | undefined
  containers: number | undefined
  memoryPerContainer: number | undefined
  /** Cores of all client containers. */
  totalCores: number
  dataPointsPerSecond: number
  diskBytes: number
  influxFieldsPerSecond: number
  /** The ones nearest to being met, or exceeded, first. */
  limits: Limit[]
}

export function estimate(plan: TestPlan): Estimate {
  const group = Math.min(plan.peers, plan.group)
  const spread = unreliableSpread({ ...plan, group })
  const { packets, bytes } = traffic(group, spread, reliableSpread({ ...plan, group }))
  const cores = (MEASURED.cpuMsPerPeerSecond + MEASURED.cpuMsPerPacket * packets) / 1000
  const fitting = Math.floor((CAPACITY.containerCores * CAPACITY.cpuShare) / cores)
  const peersPerContainer = fitting === 0 ? undefined : Math.min(fitting, plan.peers)
  const dataPointsPerSecond = plan.peers / plan.interval
  const influxFieldsPerSecond = dataPointsPerSecond * MEASURED.influxFieldsPerPoint
  const containers = peersPerContainer && Math.ceil(plan.peers / peersPerContainer)
  const demand = {
    cores,
    bytes,
    dataPointsPerSecond,
    influxFieldsPerSecond,
    containers,
    peersPerContainer
  }
  return {
    spread,
    packets,
    bytes,
    cores,
    peersPerContainer,
    containers,
    memoryPerContainer:
      peersPerContainer && MEASURED.memoryPerContainer + peersPerContainer * MEASURED.memoryPerPeer,
    totalCores: plan.peers * cores,
    dataPointsPerSecond,
    diskBytes: disk(plan, group),
    influxFieldsPerSecond,
    limits: limits(plan, demand).sort((a, b) => b.needs / b.takes - a.needs / a.takes)
  }
}

/** Meshes that are followed for a mean; fewer of large ones, whose means vary less. */
const meshesOf = (group: number) => Math.max(5, Math.round(400 / group))

function unreliableSpread(plan: TestPlan): MeanSpread {
  return spreadOf(plan, { optimistic: true, deduplicated: plan.messageTypes === 'deduplicated', ttl: 10 })
}

function reliableSpread(plan: TestPlan): MeanSpread {
  return spreadOf(plan, { optimistic: false, deduplicated: true, ttl: 10 })
}

/** The suite leaves the library's defaults: it dials 4 and keeps at most 7. */
function spreadOf({ group, mesh }: TestPlan, relaying: Relaying): MeanSpread {
  const connections =
    mesh === 'full'
      ? { targetConnections: group - 1, maxConnections: group - 1 }
      : { targetConnections: 4, maxConnections: 7 }
  return meanSpread({ peers: group, ...connections }, relaying, meshesOf(group))
}

function traffic(
  group: number,
  unreliable: MeanSpread,
  reliable: MeanSpread
): { packets: number; bytes: number } {
  const kinds = [
    { rate: UNRELIABLE_PER_SECOND, spread: unreliable },
    { rate: RELIABLE_PER_SECOND, spread: reliable }
  ].map(({ rate, spread }) => ({
    packets: rate * (group - 1) * spread.packetsPerMessage,
    packetBytes: MEASURED.packetBytes + MEASURED.idBytes * spread.idsPerPacket
  }))
  return {
    packets: kinds.reduce((sum, { packets }) => sum + packets, 0),
    bytes: kinds.reduce((sum, { packets, packetBytes }) => sum + packets * packetBytes, 0)
  }
}

function disk({ peers, duration, interval }: TestPlan, group: number): number {
  const points = (peers * duration) / interval
  const accounts = peers * (MEASURED.accountBytes + (group - 1) * MEASURED.accountBytesPerSender)
  return points * MEASURED.dataPointBytes + accounts
}

type Demand = Pick<Estimate, 'cores' | 'bytes' | 'dataPointsPerSecond' | 'influxFieldsPerSecond'> & {
  containers: number | undefined
  peersPerContainer: number | undefined
}

function limits(plan: TestPlan, demand: Demand): Limit[] {
  const perContainer = demand.peersPerContainer ?? 1
  return [
    {
      name: 'a peer’s thread',
      needs: demand.cores,
      takes: CAPACITY.cpuShare,
      unit: 'cores',
      advice: 'fewer peers in a group (they hear only each other), MESSAGE_TYPES=deduplicated, or MESH=full'
    },
    {
      name: 'a container’s network',
      needs: perContainer * demand.bytes * 8e-6,
      takes: CAPACITY.networkBytesPerSecond * 8e-6,
      unit: 'Mbit/s each way',
      advice: 'fewer peers a container, or machines with more network'
    },
    {
      name: 'the Lighthouse',
      needs: plan.peers,
      takes: CAPACITY.lighthousePeers,
      unit: 'peers',
      advice: 'raise maxPeers, or run several tests, each with a Lighthouse of its own'
    },
    {
      name: 'the results server',
      needs: demand.dataPointsPerSecond,
      takes: CAPACITY.dataPointsPerSecond,
      unit: 'data points a second',
      advice: 'a longer STATS_SUBMIT_INTERVAL, or a results server for each test'
    },
    {
      name: 'InfluxDB',
      needs: demand.influxFieldsPerSecond,
      takes: CAPACITY.influxFieldsPerSecond,
      unit: 'fields a second',
      advice: 'a longer STATS_SUBMIT_INTERVAL, a larger InfluxDB, or none: results files do not need it'
    },
    {
      name: 'peers of one test',
      needs: plan.peers,
      takes: LIMITS.peersPerTest,
      unit: 'peers',
      advice: 'several tests side by side'
    },
    {
      name: 'runners of one test',
      needs: demand.containers ?? plan.peers,
      takes: LIMITS.runnersPerTest,
      unit: 'containers',
      advice: 'more peers a container, or larger ones'
    }
  ]
}
