import type { Summary } from '../../../protocol/summary'
import { millisecondsOf, ratio } from '../../distribution'
import type { IntervalTallies } from '../collect/interval-tallies'
import type { LinkTally } from '../collect/link-tally'
import type { Window } from '../collect/measured-time'

/** What WebRTC reports about the links; all null if no client collects it. */
export function linkMetrics(tally: LinkTally, tallies: IntervalTallies, window: Window): Summary['links'] {
  if (!tally.isKnown)
    return {
      roundTrip: null,
      datagrams: null,
      packetLoss: null,
      overhead: null,
      bufferedMax: null,
      silentMax: null
    }
  const lost = ratio(tally.sent - tally.received, tally.sent)
  return {
    // An invalid histogram from a client must not abort the summary.
    roundTrip: millisecondsOf(tally.roundTrips.merged()),
    datagrams: tally.sent > 0 ? tally.sent : null,
    // The two ends are not read at the same instant, so datagrams in flight can make the loss negative.
    packetLoss: lost === null ? null : Math.max(0, lost),
    overhead: tally.sent > 0 ? ratio(tally.sentBytes, tally.channelBytes) : null,
    bufferedMax: tally.bufferedMax,
    silentMax: silentMax(tallies, window)
  }
}

/** Each end of a link reports separately. */
function silentMax(tallies: IntervalTallies, { from, until }: Window): number {
  const within = tallies.inOrder().filter((tally) => tally.until > from && tally.from < until)
  return within.reduce((most, { silentEnds }) => Math.max(most, silentEnds), 0) / 2
}
