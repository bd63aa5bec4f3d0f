/** What must hold for every simulated test, whatever faults it had. */
import type { ResultsDocument } from '../../protocol/results-document'
import type { Outcome } from '../simulate'
import type { Trial } from './trial'

/** Packets received per message that arrives. A build without copies stays below 5 at 100 peers. */
const MOST_PACKETS_PER_MESSAGE = { faithful: 6, deduplicated: 6 }
const LONGEST_ALONE_MS = 30_000
const LEAST_DELIVERY = 0.999
/** In these last ms everyone must hear everyone; the share below allows for messages still in transit. */
const LAST_MS = 10_000
const LEAST_AT_THE_END = 0.97

/** One line for each violated invariant. */
export function violations(
  trial: Trial,
  outcome: Pick<Outcome, 'document' | 'errors' | 'failures'>
): string[] {
  const { document, errors, failures } = outcome
  const { delivery, mesh, wire } = document.summary!
  const deaths = new Set(trial.faults.flatMap((fault) => (fault.kind === 'death' ? [fault.peer] : []))).size
  const isCalm = trial.faults.length === 0 && trial.network === 'perfect' && !trial.routine.includes('churn')
  const perMessage = wire.packetsPerMessage ?? 0
  const most = MOST_PACKETS_PER_MESSAGE[trial.messageTypes]
  return [
    ...failures.map((line) => `failed: ${line}`),
    ...(errors.length > 0 ? [`thrown: ${errors[0]!.split('\n')[0]!}`] : []),
    ...((mesh.components ?? 1) > 1 + deaths ? [`split: ${mesh.components} parts at the end`] : []),
    ...(isCalm && (delivery.all ?? 1) < LEAST_DELIVERY ? [`lost: delivery ${delivery.all}`] : []),
    ...(perMessage > most ? [`traffic: ${perMessage.toFixed(1)} packets a message`] : []),
    ...(deaths === 0 && trial.peers > 1 ? aloneTooLong(document) : []),
    ...(deaths === 0 && !trial.routine.includes('churn') ? deafAtTheEnd(document, trial.peers) : [])
  ]
}

/** The name of the invariant that a line of {@link violations} is about. */
export function invariantOf(line: string): string {
  return line.slice(0, line.indexOf(':'))
}

function aloneTooLong({ dataPoints }: ResultsDocument): string[] {
  const since = new Map<string, number>()
  const found = new Set<string>()
  for (const { peerId, timestamp, metrics } of dataPoints) {
    if ((metrics.connectedPeers?.length ?? 1) > 0) since.delete(peerId)
    else if (!since.has(peerId)) since.set(peerId, timestamp)
    else if (timestamp - since.get(peerId)! > LONGEST_ALONE_MS) found.add(peerId)
  }
  return [...found].map((peer) => `alone: ${peer.slice(0, 8)} for more than ${LONGEST_ALONE_MS / 1000} s`)
}

/** Whatever went wrong before, at the end everyone must hear everyone. */
function deafAtTheEnd({ dataPoints }: ResultsDocument, peers: number): string[] {
  const end = Math.max(...dataPoints.map(({ timestamp }) => timestamp))
  let sent = 0
  let received = 0
  for (const { timestamp, metrics } of dataPoints) {
    const position = metrics.messages?.position
    if (!position || timestamp < end - LAST_MS) continue
    sent += position.sent
    received += position.received
  }
  const share = received / (sent * (peers - 1))
  return share < LEAST_AT_THE_END
    ? [`deaf: ${(100 * share).toFixed(1)} % of the positions arrive in the last ${LAST_MS / 1000} s`]
    : []
}
