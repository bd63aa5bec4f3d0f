import type { Metrics } from '../../../protocol/data-point'
import type { Summary } from '../../../protocol/summary'
import { millisecondsOf, ratio } from '../../distribution'
import type { IntervalTallies } from './interval-tallies'
import { LazyHistogram } from './lazy-histogram'
import type { Window } from './measured-time'

/** Totals of what all peers reported about their links in the measured time. */
export class LinkTally {
  /** Whether any data point reported links. */
  isKnown = false
  readonly roundTrips = new LazyHistogram()
  sent = 0
  received = 0
  sentBytes = 0
  /** Bytes sent over the data channels of the same links. Older clients count all links. */
  channelBytes = 0
  bufferedMax = 0

  add({ links, wire }: Metrics): void {
    if (!links) return
    this.isKnown = true
    this.roundTrips.add(links.roundTrip)
    this.sent += links.sent
    this.received += links.received
    this.sentBytes += links.sentBytes
    this.channelBytes += links.channelBytes ?? wire?.sentBytes ?? 0
    this.bufferedMax = Math.max(this.bufferedMax, links.buffered)
  }

  /** What WebRTC reports about the links; all null if no client collects it. */
  metrics(tallies: IntervalTallies, { from, until }: Window): Summary['links'] {
    const lost = ratio(this.sent - this.received, this.sent)
    const within = tallies.inOrder().filter((tally) => tally.until > from && tally.from < until)
    const silentEnds = within.reduce((most, tally) => Math.max(most, tally.silentEnds), 0)
    return {
      // An invalid histogram from a client must not abort the summary.
      roundTrip: millisecondsOf(this.roundTrips.merged()),
      datagrams: this.sent > 0 ? this.sent : null,
      // The two ends are not read at the same instant, so datagrams in flight can make the loss negative.
      packetLoss: lost === null ? null : Math.max(0, lost),
      overhead: this.sent > 0 ? ratio(this.sentBytes, this.channelBytes) : null,
      bufferedMax: this.isKnown ? this.bufferedMax : null,
      // Each end of a link reports separately.
      silentMax: this.isKnown ? silentEnds / 2 : null
    }
  }
}
