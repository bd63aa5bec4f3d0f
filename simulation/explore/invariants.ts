/** What must hold for every simulated test, whatever faults it had. */
import { outagesOf } from '../../cli/network/network'
import { parseNetwork } from '../../cli/network/parse'
import type { ResultsDocument } from '../../protocol/results-document'
import type { Outcome } from '../simulate'
import type { Tally } from './judge'
import type { Trial } from './trial'

export const INVARIANTS = ['failed', 'thrown', 'absent', 'split', 'lost', 'deaf', 'alone', 'traffic'] as const
export type Invariant = (typeof INVARIANTS)[number]

export interface Violation {
  invariant: Invariant
  /** How badly, in a unit of the invariant's own: builds are compared by it. */
  amount: number
  text: string
}

/** Packets received per message that arrives. A build without copies stays below 5 at 100 peers. */
const MOST_PER_MESSAGE = 6
const LONGEST_ALONE_MS = 30_000
/** Shares of the judged messages. At the end, nothing has gone wrong for a long time. */
export const MOST_LOST = 0.001
const MOST_LOST_AT_THE_END = 0.03
/** Worse than a baseline that breaks the same invariant. */
const WORSE_THAN_BASELINE = 1.5

export function violations(
  trial: Trial,
  outcome: Pick<Outcome, 'document' | 'errors' | 'failures' | 'judged'>
): Violation[] {
  const { document, errors, failures, judged } = outcome
  const { mesh, wire, errors: counted } = document.summary!
  const dead = new Set(trial.faults.flatMap((fault) => (fault.kind === 'death' ? [fault.peer] : [])))
  // What was thrown is counted, too.
  const absent = canAllComeBack(trial) ? (counted.uncaught ?? 0) - errors.length : 0
  const perMessage = wire.packetsPerMessage ?? 0
  const lost = shareLost(judged)
  const deaf = shareLost(judged?.atTheEnd)
  const alone = trial.peers - dead.size > 1 ? longestAlone(document, dead) : 0
  const found: readonly [Invariant, amount: number, most: number, text: string][] = [
    ['failed', failures.length, 0, failures[0] ?? ''],
    ['thrown', errors.length, 0, firstLine(errors[0])],
    ['absent', absent, 0, `peers failed to come back ${absent} times`],
    ['split', mesh.components ?? 1, 1, `${mesh.components} parts at the end`],
    ['lost', lost, MOST_LOST, `${percent(lost)} of the messages owed never arrived, first ${judged?.first}`],
    ['deaf', deaf, MOST_LOST_AT_THE_END, `${percent(deaf)} of the messages of the last 10 s never arrived`],
    ['alone', alone, LONGEST_ALONE_MS, `a peer without a connection for ${(alone / 1000).toFixed(0)} s`],
    ['traffic', perMessage, MOST_PER_MESSAGE, `${perMessage.toFixed(1)} packets per message`]
  ]
  const broken = found.filter(([, amount, most]) => amount > most)
  return broken.map(([invariant, amount, , text]) => ({ invariant, amount, text }))
}

/** The violations that a baseline does not show in the same trial, or not nearly as badly. */
export function newViolations(candidate: readonly Violation[], baseline: readonly Violation[]): Violation[] {
  return candidate.filter(({ invariant, amount }) => {
    const before = baseline.find((violation) => violation.invariant === invariant)
    return before === undefined || amount > WORSE_THAN_BASELINE * before.amount
  })
}

export const formatViolation = ({ invariant, text }: Violation): string => `${invariant}: ${text}`

/** Whether nothing but the build can keep a peer from the Lighthouse. */
const canAllComeBack = ({ faults, network }: Trial): boolean =>
  faults.every(({ kind }) => kind === 'storm' || kind === 'partition') &&
  outagesOf(parseNetwork(network)).length === 0

const shareLost = (tally?: Tally): number => (tally?.owed ? tally.lost / tally.owed : 0)

/** The longest time in ms that a peer reported no connection; peers that died are left out. */
function longestAlone({ dataPoints, peerResults }: ResultsDocument, dead: ReadonlySet<number>): number {
  const since = new Map<string, number>()
  let longest = 0
  for (const { peerId, timestamp, metrics } of dataPoints) {
    if (dead.has(peerResults[peerId]?.number ?? -1)) continue
    if ((metrics.connectedPeers?.length ?? 1) > 0) since.delete(peerId)
    else if (!since.has(peerId)) since.set(peerId, timestamp)
    else longest = Math.max(longest, timestamp - since.get(peerId)!)
  }
  return longest
}

const percent = (share: number) => `${Number((100 * share).toPrecision(2))}%`
const firstLine = (text = '') => text.split('\n')[0]!
