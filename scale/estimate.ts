/** Estimates what a test of a given size needs, and which limit it reaches first. */
import { LIMITS } from '../protocol/limits'
import type { Mesh, MessageTypes } from '../protocol/names'
import { CAPACITY, MEASURED } from './measured'
import { costInGroup, type GroupCost } from './growth'

export interface TestPlan {
  peers: number
  /** Peers in one layer or island. Only peers of the same group hear each other. */
  group: number
  messageTypes: MessageTypes
  /** `full`: every peer is connected to every other peer of its group. */
  mesh: Mesh
  /** Seconds. */
  duration: number
  /** Seconds between a peer's data points. */
  interval: number
  /** Cores of each container; 2 by default. */
  containerCores?: number
}

/** The rate of the usual routines (client/page/routines): ten positions, one profile, and occasional chat. */
const MESSAGES_PER_SECOND = 11.1

export interface Limit {
  name: string
  needs: number
  takes: number
  unit: string
  /** What to change if the limit is reached. */
  advice: string
}

export interface Estimate {
  cost: GroupCost
  /** Packets and bytes of one peer per second. */
  packets: number
  bytes: number
  /** Cores that one peer keeps busy. */
  cores: number
  /** Undefined if a container cannot carry even one peer. */
  peersPerContainer: number | undefined
  containers: number | undefined
  memoryPerContainer: number | undefined
  /** Cores of all client containers. */
  totalCores: number
  dataPointsPerSecond: number
  diskBytes: number
  influxFieldsPerSecond: number
  /** Sorted by utilisation: exceeded and nearly reached limits come first. */
  limits: Limit[]
}

export function estimate(plan: TestPlan): Estimate {
  const { containerCores = CAPACITY.containerCores } = plan
  const group = Math.min(plan.peers, plan.group)
  const cost = costInGroup(group, plan.mesh === 'full' ? 'full' : plan.messageTypes)
  const packets = MESSAGES_PER_SECOND * (group - 1) * cost.packetsPerMessage
  const bytes = packets * cost.bytesPerPacket
  const cores = (MEASURED.cpuMsPerPeerSecond + MEASURED.cpuMsPerPacket * packets) / 1000
  const fitting = cores > CAPACITY.cpuShare ? 0 : Math.floor((containerCores * CAPACITY.cpuShare) / cores)
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
    cost,
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
