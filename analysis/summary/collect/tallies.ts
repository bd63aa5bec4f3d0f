/** What is known only of all peers together. */
import type { Metrics } from '../../../protocol/data-point'
import { forEachKind, MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { PeerResults } from '../../../protocol/peer-results'
import type { Summary } from '../../../protocol/summary'
import { addTo, millisecondsOf, ratio } from '../../distribution'
import { LazyHistogram } from './lazy-histogram'
import type { Window } from './measured-time'

/** The most first arrivals of each sender's messages that any one peer reports. */
export class HeardTally {
  private readonly most = new Map<string, Record<MessageKind, number>>()

  add(heard: PeerResults['heard']): void {
    for (const [sender, counts] of Object.entries(heard)) {
      const most = this.most.get(sender) ?? forEachKind(() => 0)
      this.most.set(sender, most)
      MESSAGE_KINDS.forEach((kind, index) => (most[kind] = Math.max(most[kind], counts[2 * index]!)))
    }
  }

  /** How many more than their senders sent, by `sentBy`, if known; at least, because a loss may hide one. */
  beyond(sentBy: (sender: string) => Record<MessageKind, { sent: number }> | undefined): number {
    let total = 0
    for (const [sender, most] of this.most) {
      const counts = sentBy(sender)
      for (const kind of counts ? MESSAGE_KINDS : []) total += Math.max(0, most[kind] - counts![kind].sent)
    }
    return total
  }
}

/** Totals over all peers for one interval. */
export interface IntervalTally {
  /** ms of the server's clock. */
  from: number
  until: number
  sent: number
  /** First arrivals that were not late. */
  inTime: number
  /** Silent link ends: each peer reports its own end. */
  silentEnds: number
}

/** Peers cut intervals at the same instants, give or take a late tick: midpoints this near are of one. */
const APART_MS = 250

/** The test, interval by interval. Grows with the length of the test, not with the number of peers. */
export class IntervalTallies {
  private readonly tallies = new Map<number, IntervalTally>()

  add({ from, until }: { from: number; until: number }, metrics: Metrics, startsAt: number): void {
    const index = Math.floor(((from + until) / 2 - startsAt) / APART_MS)
    const tally = this.tallies.get(index) ?? { from, until, sent: 0, inTime: 0, silentEnds: 0 }
    this.tallies.set(index, tally)
    tally.from = Math.min(tally.from, from)
    tally.until = Math.max(tally.until, until)
    tally.silentEnds += metrics.links?.silent ?? 0
    for (const kind of metrics.messages ? MESSAGE_KINDS : []) {
      const { sent, received, late = 0 } = metrics.messages![kind]
      tally.sent += sent
      tally.inTime += received - late
    }
  }

  inOrder(): IntervalTally[] {
    return [...this.tallies.values()].sort((one, other) => one.from - other.from)
  }
}

export class LinkTally {
  private readonly roundTrips = new LazyHistogram()
  private readonly totals = { points: 0, sent: 0, received: 0, sentBytes: 0, channelBytes: 0 }
  private bufferedMax = 0

  add({ links, wire }: Metrics): void {
    if (!links) return
    this.roundTrips.add(links.roundTrip)
    // Older clients count the bytes of all channels, not only those of the same links.
    addTo(this.totals, { ...links, points: 1, channelBytes: links.channelBytes ?? wire?.sentBytes ?? 0 })
    this.bufferedMax = Math.max(this.bufferedMax, links.buffered)
  }

  metrics(tallies: IntervalTallies, { from, until }: Window): Summary['links'] {
    const { points, sent, received, sentBytes, channelBytes } = this.totals
    const lost = ratio(sent - received, sent)
    const within = tallies.inOrder().filter((tally) => tally.until > from && tally.from < until)
    const silentEnds = within.reduce((most, tally) => Math.max(most, tally.silentEnds), 0)
    return {
      // An invalid histogram from a client must not abort the summary.
      roundTrip: millisecondsOf(this.roundTrips.merged()),
      datagrams: sent > 0 ? sent : null,
      // The two ends are not read at the same instant, so datagrams in flight can make the loss negative.
      packetLoss: lost === null ? null : Math.max(0, lost),
      overhead: sent > 0 ? ratio(sentBytes, channelBytes) : null,
      bufferedMax: points > 0 ? this.bufferedMax : null,
      // Each end of a link reports separately.
      silentMax: points > 0 ? silentEnds / 2 : null
    }
  }
}
