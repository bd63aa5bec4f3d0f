/** Lays a test out over machines, and says which settings fit where the wanted ones do not. */
import { LIMITS } from '../protocol/limits'
import type { Mesh, MessageTypes } from '../protocol/names'
import { messageCost } from './message-cost'

export interface MeshPlan {
  /** In one mesh: those of a test, which hear each other. */
  peers: number
  messageTypes: MessageTypes
  /** `full`: every peer is connected to every other. */
  mesh: Mesh
  /** Most peers of a tab, which has one line; by default, as many as it carries. */
  tabHolds?: number
}

export interface Machines {
  count: number
  /** Of each, for the tests on it; a CPU limit may make it a fraction. */
  cores: number
  /** Such tests that share each machine; 1 by default. */
  tests?: number
}

export type Layout = ReturnType<typeof layOut>

/** The cost of a peer and a message: docs/calibration.md says how it was measured, and on which machine. */
const MEASURED = {
  /** CPU-ms that the browser uses per second and peer, excluding the cost of packets. */
  cpuMsPerPeerSecond: 25,
  /** CPU-ms that the browser uses per received packet, including its share of sending and relaying. */
  cpuMsPerPacket: 0.13,
  /** Bytes of memory: for the browser and one tab, for each further tab, and for each peer. */
  memoryPerBrowser: 280e6,
  memoryPerTab: 80e6,
  memoryPerPeer: 27e6
} as const

/** What a machine, a mesh and a results server can take. */
const CAPACITY = {
  /** Share of its cores that a machine may use without tick lateness voiding the test. */
  cpuShare: 0.6,
  /** Data points per second, in batches, synced to disk, with the relay on: the lowest rate observed. */
  dataPointsPerSecond: 5_000,
  /** Of one layer or island, on any Lighthouse. */
  peersPerMesh: 100,
  /** Bytes per second, each way: a rate that small cloud machines sustain. */
  networkBytesPerSecond: 125e6
} as const

/** The rate of the usual routines (client/routines): ten positions, one profile, and occasional chat. */
const MESSAGES_PER_SECOND = 11.1
/** Of 500 that Chromium allows a tab in its life. */
const CONNECTIONS_PER_TAB = 400
/** Seconds between a peer's data points. */
const INTERVAL = 2

/** `speed` is relative to the machine on which the costs were measured. */
export function layOut(plan: MeshPlan, machines: Machines, speed = 1) {
  const { peers, mesh, messageTypes, tabHolds = Infinity } = plan
  const { tests = 1 } = machines
  const cores = machines.cores / tests
  const cost = messageCost(peers, mesh === 'full' ? 'full' : messageTypes)
  const packets = MESSAGES_PER_SECOND * (peers - 1) * cost.packetsPerMessage
  const coresPerPeer = (MEASURED.cpuMsPerPeerSecond + MEASURED.cpuMsPerPacket * packets) / 1000 / speed
  const peersEach = Math.ceil(peers / machines.count)
  const busyCores = peersEach * coresPerPeer
  const network = peersEach * packets * cost.bytesPerPacket
  const links = mesh === 'full' ? peers - 1 : 1
  const ofThread = Math.floor(CAPACITY.cpuShare / coresPerPeer)
  const ofLinks = Math.floor(CONNECTIONS_PER_TAB / links)
  const peersPerTab = Math.max(1, Math.min(peersEach, ofThread, ofLinks, tabHolds))
  const tabs = Math.ceil(peersEach / peersPerTab)
  const most = Math.floor((cores * CAPACITY.cpuShare) / coresPerPeer)
  const obstacle = () => {
    if (peers > CAPACITY.peersPerMesh)
      return `a layer or island holds ${CAPACITY.peersPerMesh} peers, which hear nobody outside it`
    if (ofThread === 0)
      return `a peer needs ${cost.isLeast ? 'more than ' : ''}${coresPerPeer.toFixed(1)} cores and has one thread, on however many machines`
    if (most === 0)
      return `a peer needs ${coresPerPeer.toFixed(2)} cores, and peers may use ${CAPACITY.cpuShare * 100}% of ${cores}`
    if (peersEach > most)
      return `a machine of ${cores} cores carries ${most} such peers, not ${peersEach}: ${Math.ceil(peers / most)} machines would do`
    if (tests * network > CAPACITY.networkBytesPerSecond)
      return `a machine would need ${megabits(tests * network)} Mbit/s each way`
    return machines.count > LIMITS.runnersPerTest ? `a test has ${LIMITS.runnersPerTest} runners` : undefined
  }
  return {
    ...plan,
    machines,
    peersEach,
    peersPerTab,
    tabs,
    /** Cores of a machine that its peers keep busy. */
    busyCores,
    /** Of a machine: bytes of memory, and bytes per second each way. */
    memory:
      MEASURED.memoryPerBrowser + (tabs - 1) * MEASURED.memoryPerTab + peersEach * MEASURED.memoryPerPeer,
    network,
    /** For the results server. */
    dataPointsPerSecond: peers / INTERVAL,
    /** The cost of a mesh of this size is not known, only that it is no less. */
    isLeast: cost.isLeast,
    /** Why it does not fit; undefined if it does. */
    obstacle: obstacle()
  }
}

/**
 * The wanted settings if they fit, or else those that do, largest meshes first: how many `tests` run at once,
 * each with a Lighthouse of its own, and the layout of one. Empty if nothing fits.
 */
export function settingsThatFit(plan: MeshPlan, machines: Machines, speed = 1) {
  const others: MeshPlan[] = [
    { ...plan, mesh: 'usual', messageTypes: 'deduplicated' },
    { ...plan, mesh: 'full' }
  ]
  const isOther = (way: MeshPlan) => way.mesh !== plan.mesh || way.messageTypes !== plan.messageTypes
  const ways = [plan, ...others.filter(isOther)]
  const meshes = [plan.peers, CAPACITY.peersPerMesh, 50, 20, 10].filter((peers) => peers <= plan.peers)
  const all = [...new Set(meshes)].flatMap((peers) =>
    ways.map((way) => {
      const tests = Math.ceil(plan.peers / peers)
      const count = Math.max(1, Math.floor(machines.count / tests))
      const shared = { ...machines, count, tests: Math.ceil(tests / machines.count) }
      return { tests, layout: layOut({ ...way, peers }, shared, speed) }
    })
  )
  const fitting = all.filter(({ layout }) => layout.obstacle === undefined)
  return fitting[0] === all[0] ? fitting.slice(0, 1) : fitting.slice(0, 3)
}

export function layoutLines(layout: Layout): string[] {
  const { peers, mesh, messageTypes, machines, peersEach, tabs, busyCores, memory, network } = layout
  const { tests = 1 } = machines
  const count =
    `${machines.count} ${machines.count === 1 ? 'machine' : 'machines'} of ${machines.cores} cores` +
    (tests > 1 ? `, shared by ${tests} such tests` : '')
  return [
    `${peers} peers in one mesh (${mesh === 'full' ? 'full' : 'the library’s own'}, ${messageTypes} messages) on ${count}`,
    `each machine${tests > 1 ? ', for each test' : ''}: ${peersEach} peers in ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}, about ${busyCores.toFixed(1)} cores busy, ` +
      `${Math.round(memory / 1e6)} MB, ${megabits(network)} Mbit/s each way`,
    `results server: ${layout.dataPointsPerSecond} of ${CAPACITY.dataPointsPerSecond} data points a second`
  ]
}

export function flagsOf({ peers, mesh, messageTypes, peersPerTab }: Layout): string {
  return [
    `--peers ${peers} --peers-per-tab ${peersPerTab}`,
    ...(mesh === 'full' ? ['--mesh full'] : []),
    ...(messageTypes === 'deduplicated' ? ['--message-types deduplicated'] : [])
  ].join(' ')
}

const megabits = (bytes: number) => Math.ceil(bytes * 8e-6)
