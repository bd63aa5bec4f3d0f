/**
 * How a mesh recovers from outages (docs/networks.md). Messages to peers that are cut off are owed; reliable
 * channels deliver them late, after LATE_MS. It has recovered with the first interval in which the share of
 * owed messages that arrive in time is 99% of its earlier value.
 */
import type { Summary } from '../../../protocol/summary'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { TestState } from '../../../protocol/test-life'
import { distributionOf, sum } from '../../distribution'
import type { Presence } from '../../presence'
import type { Window } from '../collect/measured-time'
import type { RunnerRecord } from '../collect/runner-record'
import type { IntervalTallies, IntervalTally } from '../collect/tallies'

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

/** Null if no outage ended within the test, or if no peer counts messages. */
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
      const middle = (from + until) / 2
      const present = presences.filter(({ joined, left }) => joined <= middle && middle <= left).length
      return sent * Math.max(0, present - 1)
    })
  )
  return owed > 0 ? sum(intervals.map(({ inTime }) => inTime)) / owed : null
}
