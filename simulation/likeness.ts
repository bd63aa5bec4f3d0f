/** How closely a simulated test matches a real one. Cross-validation compares these figures. */
import { Histogram } from '../protocol/histogram'
import type { Summary } from '../protocol/summary'
import type { ResultsDocument } from '../protocol/results-document'

export interface Counted {
  name: string
  real: number
  simulated: number
}

export type Likeness = ReturnType<typeof likenessOf>

const LATE_MS = [60, 200]

/** Both documents must have summaries. */
export function likenessOf(real: ResultsDocument, simulated: ResultsDocument) {
  const [a, b] = [real.summary!, simulated.summary!]
  const [links, others] = [linksOf(a), linksOf(b)]
  const counted = (name: string, value: (document: ResultsDocument) => number): Counted => ({
    name,
    real: value(real),
    simulated: value(simulated)
  })
  const common = [...links].filter((link) => others.has(link)).length
  return {
    real: a,
    simulated: b,
    links: { real: links.size, simulated: others.size, common },
    /** Sent, owed, received and duplicate messages. */
    messages: [
      counted('sent', ({ summary }) => summary!.sent.all),
      counted('owed', ({ summary }) => summary!.expected.all),
      counted('received', ({ summary }) => summary!.received.all),
      counted('duplicates', ({ summary }) => summary!.duplicates.all)
    ],
    packets: counted('packets', ({ summary }) => summary!.wire.packetsReceived),
    /** Shares of the position messages that took longer than so many ms. */
    late: LATE_MS.map((limit) => counted(`later than ${limit} ms`, (document) => lateShare(document, limit))),
    /** Pairs of sender and receiver with different counts. */
    unlikePairs: unlikePairs(real, simulated)
  }
}

/** Of the position messages that arrived. */
function lateShare({ peerResults }: ResultsDocument, limit: number): number {
  const all = new Histogram()
  for (const { messages } of Object.values(peerResults)) all.addEncoded(messages.position.latency)
  const late = [...all.buckets()].filter(([lowest]) => lowest > limit * 1000)
  return late.reduce((sum, [, , count]) => sum + count, 0) / all.count
}

export function hasSameLinks({ links: { real, simulated, common } }: Likeness): boolean {
  return real === common && simulated === common
}

export function deviation({ real, simulated }: Counted): number {
  return real === simulated ? 0 : Math.abs(simulated / real - 1)
}

const linksOf = ({ provenance }: Summary) => new Set(provenance.edges.map(String))

function unlikePairs(real: ResultsDocument, simulated: ResultsDocument): number {
  const unlike = Object.entries(real.peerResults).flatMap(([receiver, { heard }]) => {
    const other = simulated.peerResults[receiver]?.heard ?? {}
    return Object.entries(heard).filter(([sender, counts]) => String(counts) !== String(other[sender]))
  })
  return unlike.length
}
