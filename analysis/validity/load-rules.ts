import { sum } from '../distribution'
import { counted, formatMetric } from '../format'
import { findingOn, rule, type Facts, type Rule, type RunnerFacts } from './facts'
import { VALIDITY } from './limits'

/** Did the machines keep up? */
export const LOAD_RULES: readonly Rule[] = [
  rule('frozen-peer', 'build-or-machine', ({ peers, interval }) => {
    const longestWait = Math.max(VALIDITY.missedIntervals * (interval ?? 0), VALIDITY.frozenMs)
    const frozen = peers.filter(
      ({ latenessMax, longestGap }) => latenessMax > VALIDITY.frozenMs || longestGap > longestWait
    )
    const worst = Math.max(...frozen.map(({ latenessMax, longestGap }) => Math.max(latenessMax, longestGap)))
    return findingOn(frozen, (named) => ({
      what: `${named} stood still for up to ${(worst / 1000).toFixed(1)} s.`,
      why: 'Messages expired and neighbours waited while the page, not the mesh, was at rest.',
      advice:
        'Look for a debugger, a suspended or swapping machine, or a hidden tab that the browser throttled.'
    }))
  }),
  rule('tick-lateness', 'build-or-machine', (facts) => {
    const late = facts.peers.filter(
      ({ latenessP95, lateTicksProven }) =>
        (latenessP95 ?? 0) > VALIDITY.tickLatenessP95 ||
        (latenessP95 === null && lateTicksProven >= VALIDITY.lateTickShare)
    )
    const worst = Math.max(...late.map(({ latenessP95 }) => latenessP95 ?? 0))
    const extent = worst > 0 ? ` (worst: ${formatMetric(worst, 'ms')})` : ''
    return findingOn(late, (named) => ({
      what: `The machine is overloaded: the ticks of ${named} came more than ${VALIDITY.tickLatenessP95} ms late at the 95th percentile${extent}.`,
      why: 'Latencies then measure how long messages waited for the processor, not the mesh.',
      advice: overloadAdvice(facts)
    }))
  }),
  rule('sent-too-little', 'build-or-machine', (facts) => {
    const short = facts.peers.filter(
      ({ sent, nominal }) => nominal !== undefined && sent < VALIDITY.sentShare * nominal - 1
    )
    const lowest = Math.min(...short.map(({ sent, nominal }) => sent / nominal!))
    const isSimulated = facts.state.engine === 'simulation'
    const refused = facts.summary.sendErrors
    const advice = [
      ...(refused > 0 ? [`The library refused ${counted(refused, 'message')}: see the peers' errors.`] : []),
      ...(isSimulated ? [] : [overloadAdvice(facts)])
    ]
    return findingOn(short, (named) => ({
      what: `${isSimulated ? 'A page was busy' : 'The machine is overloaded'}, or sending failed: ${named} sent as little as ${formatMetric(lowest, 'ratio')} of what the routine owed.`,
      why: 'The mesh was under less load than the test says.',
      advice: advice.join(' ') || 'If --cost-of-packet or --cost-of-timer is given, lower it.'
    }))
  }),
  rule('cpu', 'build-or-machine', (facts) =>
    facts.runners
      .filter(({ usage }) => (usage ?? 0) > VALIDITY.cpuUsage)
      .map((runner) => ({
        subject: runner.id,
        ...(hasCompany(runner) && { cause: 'machine' as const }),
        what: `The machine of runner ${runner.id} is overloaded: its CPU was ${formatMetric(runner.usage, 'ratio')} busy.`,
        why: 'Peers waited for the processor, and latencies contain that wait.',
        advice: overloadAdvice(facts)
      }))
  ),
  rule('throttled', 'machine', (facts) =>
    facts.runners
      .filter(({ throttled }) => (throttled ?? 0) > VALIDITY.throttled)
      .map(({ id, throttled }) => ({
        subject: id,
        what: `Runner ${id} was throttled by its cgroup in ${formatMetric(throttled, 'ratio')} of the scheduler's periods.`,
        why: 'Its pages stood still for up to 100 ms each time.',
        advice: `Raise the container's CPU limit. ${overloadAdvice(facts)}`
      }))
  )
]

/** The least share of its work that a machine is taken to have managed: estimates reach no further. */
const LEAST_MANAGED = 0.05

/**
 * Estimates how many peers a machine can carry: the load at which it still measures well ÷ the load that its
 * peers demanded, without that of other processes, which the advice is to end. If it carries the whole mesh,
 * the load grows with the square of their number, otherwise linearly. A saturated machine shows about 100%
 * whatever the demand: its load is divided by the share of the work that it did in time. Copies grow faster
 * than messages, so the estimate errs on the safe side.
 */
function peersCarried(runner: RunnerFacts, facts: Facts): number | undefined {
  const { usage, browserUsage, peers } = runner
  const own = hasCompany(runner) ? browserUsage! : usage
  if (usage === null || own === null || own === 0 || peers === 0) return undefined
  const isSaturated = usage > VALIDITY.cpuUsage
  const asked = own / (isSaturated ? Math.max(managedShare(facts), LEAST_MANAGED) : 1)
  const share = VALIDITY.cpuTarget / asked
  return Math.max(1, Math.floor(peers * (facts.runners.length === 1 ? Math.sqrt(share) : share)))
}

/** The share of the work done in time: owed messages sent × arrived, reduced by their delay. */
function managedShare({ summary, peers }: Facts): number {
  const owing = peers.filter(({ nominal }) => nominal !== undefined)
  const owed = sum(owing.map(({ nominal }) => nominal!))
  const sent = sum(owing.map((peer) => peer.sent))
  const { seconds } = summary.measured
  const delay = (summary.latency.all?.p50 ?? 0) / 1000
  return (
    Math.min(1, owed > 0 ? sent / owed : 1) *
    Math.min(1, summary.delivery.all ?? 1) *
    (seconds > 0 ? seconds / (seconds + delay) : 1)
  )
}

function overloadAdvice(facts: Facts): string {
  return [endOthers(facts), fewerPeers(facts), moreCores(facts)].filter((advice) => advice !== '').join(' ')
}

function endOthers({ runners }: Facts): string {
  const worst = runners.filter(hasCompany).sort((a, b) => othersUsage(b) - othersUsage(a))[0]
  if (!worst) return ''
  return `Other processes had ${formatMetric(othersUsage(worst), 'ratio')} of the CPU of ${worst.id}: end them.`
}

function fewerPeers(facts: Facts): string {
  const estimates = facts.runners.flatMap((runner) => {
    const carried = peersCarried(runner, facts)
    return carried === undefined ? [] : [{ runner, carried }]
  })
  const tightest = estimates.sort((a, b) => a.carried - b.carried)[0]
  if (!tightest) return 'Run fewer peers on each machine; npx peer-perf calibrate tells how many it can run.'
  const { runner, carried } = tightest
  const machine = facts.runners.length === 1 ? 'This machine' : `The machine of runner ${runner.id}`
  if (carried >= runner.peers) {
    return hasCompany(runner)
      ? `Without them it should run about ${carried} peers of this test.`
      : `By its CPU ${runner.id} should run about ${carried} peers of this test: something else held it up.`
  }
  return `${machine} can run about ${carried} peers of this test, not ${runner.peers}: run fewer, or spread them over more machines.`
}

function moreCores({ summary }: Facts): string {
  if (!summary.provenance.runners.some(({ ownCore }) => ownCore)) return ''
  return 'Or let the browser use all cores: leave out BROWSER_CORE and --cpus, or compare with --design one-after-the-other.'
}

const hasCompany = (runner: RunnerFacts): boolean => othersUsage(runner) > VALIDITY.othersUsage

function othersUsage({ usage, browserUsage }: RunnerFacts): number {
  return usage === null || browserUsage === null ? 0 : usage - browserUsage
}
