/**
 * Which messages had to arrive and did not. A message is judged for each pair of peers that were both
 * present and could reach each other, away from faults and from the coming and going of either end.
 */
import { partOf } from '../../cli/network/assignment'
import { outagesOf } from '../../cli/network/network'
import { parseNetwork } from '../../cli/network/parse'
import type { ResultsDocument } from '../../protocol/results-document'
import type { Plan } from '../plan'
import { STORM_MS } from '../world/faults'
import type { Trace } from '../world/trace'

export interface Tally {
  /** Messages judged, one for each receiver. */
  owed: number
  lost: number
}

export interface Judged extends Tally {
  /** Messages sent while both ends were present; those not judged are too close to a fault. */
  all: number
  /** Of those sent in the last {@link LAST_MS} of the judged time: what never heals. */
  atTheEnd: Tally
  /** The first loss, for people. */
  first?: string
}

/** What is sent this close to a fault, or to an end's own coming or going, may be lost. */
const GRACE_MS = 2000
/** Messages on slow lines are still on their way when the test ends. */
const LAST_ON_THE_WAY_MS = 2000
const LAST_MS = 10_000

/** From, until, in ms since the start of the routines. */
type Span = readonly [from: number, until: number]

export function judge(
  plan: Pick<Plan, 'seed' | 'network' | 'faults' | 'duration'>,
  { startsAt = 0, peerResults }: Pick<ResultsDocument, 'startsAt' | 'peerResults'>,
  trace: Pick<Trace, 'messages' | 'reached'>
): Judged {
  const judged: Judged = { all: 0, owed: 0, lost: 0, atTheEnd: { owed: 0, lost: 0 } }
  const disturbances = disturbancesOf(plan)
  const lastJudged = plan.duration * 1000 - LAST_ON_THE_WAY_MS
  for (const [sender, messages] of trace.messages) {
    const from = peerResults[sender]
    if (!from) continue
    for (const [receiver, to] of Object.entries(peerResults)) {
      if (to.number === from.number) continue
      const begin = Math.max(from.presence.joined, to.presence.joined) - startsAt
      const end = Math.min(from.presence.left, to.presence.left) - startsAt
      const close = disturbances(from.number, to.number, begin)
      for (const { kind, time } of messages) {
        const at = time - startsAt
        if (at < begin || at > end) continue
        judged.all++
        const isAway = at >= begin + GRACE_MS && at <= end - GRACE_MS && at <= lastJudged
        if (!isAway || close.some(([first, last]) => at >= first && at <= last)) continue
        const isLost = !trace.reached(receiver, sender, kind, time)
        for (const tally of at > lastJudged - LAST_MS ? [judged, judged.atTheEnd] : [judged]) {
          tally.owed++
          if (isLost) tally.lost++
        }
        if (isLost)
          judged.first ??= `a ${kind} of peer ${from.number} to peer ${to.number} at ${(at / 1000).toFixed(3)} s`
      }
    }
  }
  return judged
}

/** When the faults of a plan may cost messages of two peers, both of which are there from `begin` on. */
function disturbancesOf({ seed, network, faults }: Pick<Plan, 'seed' | 'network' | 'faults'>) {
  const parsed = parseNetwork(network)
  const outages = outagesOf(parsed)
  const near = (from: number, until = from): Span => [from - GRACE_MS, until + GRACE_MS]
  /** Others feel only its beginning and its end. */
  const span = (from: number, until: number, isTheirs: boolean) =>
    isTheirs ? [near(from, until)] : [near(from), near(until)]
  return (one: number, other: number, begin: number) => [
    ...faults.flatMap((fault) => {
      const at = fault.at * 1000
      if (fault.kind === 'death') return span(at, Infinity, [one, other].includes(fault.peer))
      const until = fault.until * 1000
      if (fault.kind === 'storm') return [near(at, at + STORM_MS), near(until, until + STORM_MS)]
      if (fault.kind === 'partition') return span(at, until, one < fault.peers !== other < fault.peers)
      // Without a Lighthouse, newcomers learn of nobody.
      return span(at, until, begin > at - GRACE_MS)
    }),
    ...outages.flatMap(({ from: at, to: until, part }) =>
      span(at, until, [one, other].map((number) => partOf(parsed, seed, number)).includes(part))
    )
  ]
}
