import type { Metrics } from '../../../protocol/data-point'
import { LazyHistogram } from './lazy-histogram'

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
}
