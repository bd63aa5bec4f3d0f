/** The test interval by interval: its links, and how the mesh recovers from outages. */
import type { Metrics } from '../../../protocol/data-point'
import { MESSAGE_KINDS } from '../../../protocol/names'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { Summary } from '../../../protocol/summary'
import type { TestState } from '../../../protocol/test-life'
import { addTo, distributionOf, millisecondsOf, ratio, sum } from '../../distribution'
import { isPresent, type Presence } from '../../presence'
import { LazyHistogram } from '../collect/lazy-histogram'
import type { Window } from '../collect/measured-time'
import type { RunnerRecord } from './machine'

/** Totals over all peers for one interval. */
interface IntervalTally {
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

const RECOVERED_SHARE = 0.99
/** Tolerance for interval edges at the start and end of an outage, in ms, because clocks differ. */
const SLACK = 20

/** In ms of the server's clock. */
export type PlannedOutage = NonNullable<TestState['outages']>[number]

/** Of the first runner that tells any, in ms since the start. Without `until`, one lasts to the end. */
export function outagesIn(provenances: readonly (RunnerProvenance | undefined)[]) {
  return provenances.find((provenance) => provenance?.outages)?.outages ?? []
}

/** The outages of a simulation, or of the runners' network. All runners of a test have the same network. */
export function plannedOutages(
  runners: readonly Pick<RunnerRecord, 'provenance'>[],
  { startsAt = 0, runners: states, outages }: Pick<TestState, 'startsAt' | 'runners' | 'outages'>
): PlannedOutage[] {
  const provenances = [...runners, ...states].map(({ provenance }) => provenance)
  return (outages ?? outagesIn(provenances)).map(({ from, until }) => ({
    from: startsAt + from,
    ...(until !== undefined && { until: startsAt + until })
  }))
}

/**
 * How a mesh recovers from outages (docs/networks.md). Messages to peers that are cut off are owed; reliable
 * channels deliver them late, after LATE_MS. It has recovered with the first interval in which the share of
 * owed messages that arrive in time is 99% of its earlier value.
 *
 * Null if no outage ended within the test, or if no peer counts messages.
 */
export function outageMetrics(
  outages: readonly PlannedOutage[],
  tallies: IntervalTallies,
  presences: readonly Presence[],
  window: Window
): Summary['outages'] {
  const ended = outages.filter(({ until }) => until !== undefined && until < window.until)
  if (ended.length === 0) return { recovery: null, notRecovered: null }
  const intervals = tallies.inOrder().filter(({ from }) => from < window.until)
  const untroubled = intervals.filter(({ until }) => until <= outages[0]!.from + SLACK)
  const before = shareOf(untroubled, presences)
  const recoveries = ended.flatMap(({ until }) => {
    const next = outages.find(({ from }) => from > until!)?.from ?? Infinity
    const recovered = intervals.find((interval) => {
      if (interval.from < until! - SLACK || interval.until > next + SLACK) return false
      const share = shareOf([interval], presences)
      return share !== null && share >= RECOVERED_SHARE * (before ?? 1)
    })
    return recovered ? [Math.max(0, recovered.from - until!)] : []
  })
  return { recovery: distributionOf(recoveries), notRecovered: ended.length - recoveries.length }
}

/** Messages that arrived in time ÷ owed; null if none was owed. */
function shareOf(intervals: readonly IntervalTally[], presences: readonly Presence[]): number | null {
  const owed = sum(
    intervals.map(({ sent, from, until }) => {
      const present = presences.filter((presence) => isPresent(presence, (from + until) / 2)).length
      return sent * Math.max(0, present - 1)
    })
  )
  return owed > 0 ? sum(intervals.map(({ inTime }) => inTime)) / owed : null
}
