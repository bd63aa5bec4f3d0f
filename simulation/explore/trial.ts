/** One trial of `peer-perf explore`: a test with its network and faults, drawn from a number. */
import { outagesOf } from '../../cli/network/network'
import { parseNetwork } from '../../cli/network/parse'
import { quoted } from '../../cli/quoted'
import { MESSAGE_TYPES } from '../../protocol/names'
import { SeededRandom } from '../../protocol/random'
import { formatFault, type Fault } from '../fault-text'
import type { Plan } from '../plan'

export type Trial = Pick<
  Plan,
  'seed' | 'peers' | 'duration' | 'routine' | 'messageTypes' | 'network' | 'faults'
>

/** The last one is gone for longer than connections last: all must be made anew. */
const NETWORKS = ['perfect', 'perfect', 'home', 'wifi-lossy', '4g', 'home:6,4g:2', 'home,8s:offline,26s:home']
const ROUTINES = ['stand', 'stand', 'loops', 'loops:3,churn:1', 'loops:1,churn:3', 'teleport']
/** Seconds without a packet after which a connection fails, and must be made anew. */
const CONNECTION_FAILS_S = 15
/** Two of five partitions outlast the connections. */
const LONGEST_FAULT_S = 25
/** Seconds between the last fault and the end, in which the mesh must recover. */
export const QUIET_S = 45
/** Beyond this many peers, the number of copies of faithful messages explodes (docs/calibration.md). */
const MOST_FAITHFUL = 10

/** The same number always gives the same trial. */
export function drawTrial(number: number, mostPeers: number): Trial {
  const random = new SeededRandom(number, 0x7472)
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  // Small meshes are cheap, so more of them are drawn: 29% have more than half of the most peers.
  const peers = 2 + Math.floor((mostPeers - 1) * (random.below(1000) / 1000) ** 2)
  const faults = Array.from({ length: random.below(3) }, () => drawFault(random, peers))
  const seed = random.uint32()
  const routine = pick(ROUTINES)
  const messageTypes = peers <= MOST_FAITHFUL ? pick(MESSAGE_TYPES) : 'deduplicated'
  const network = pick(NETWORKS)
  const outages = outagesOf(parseNetwork(network)).map(({ to }) => to / 1000)
  const ends = [...faults.map(endOf), ...outages]
  const duration = ends.length > 0 ? Math.max(...ends) + QUIET_S : 20
  return { seed, peers, duration, routine, messageTypes, network, faults }
}

function drawFault(random: SeededRandom, peers: number): Fault {
  const at = 5 + random.below(8)
  const until = at + 1 + random.below(LONGEST_FAULT_S)
  const some = 1 + random.below(peers - 1)
  switch (random.below(4)) {
    case 0:
      return { kind: 'death', at, peer: random.below(peers) }
    case 1:
      return { kind: 'partition', at, until, peers: some }
    case 2:
      return { kind: 'storm', at, until, peers: some }
    default:
      return { kind: 'lighthouse', at, until }
  }
}

/** When the mesh can begin to heal, in seconds. */
const endOf = (fault: Fault): number => (fault.kind === 'death' ? fault.at + CONNECTION_FAILS_S : fault.until)

/** The command that repeats the trial. */
export function commandOf(trial: Trial, library: string): string {
  const { seed, peers, duration, routine, messageTypes, network, faults } = trial
  return [
    `npx peer-perf simulate --library ${quoted(library)} --seed ${seed} --peers ${peers} --peers-per-page ${peers} --duration ${duration}`,
    `--routine ${routine} --message-types ${messageTypes} --network ${network}`,
    ...faults.map((fault) => `--fault ${formatFault(fault)}`)
  ].join(' ')
}
