import { hasCompany, overloadAdvice } from './capacity'
import { findingOn, percent, rule, type Rule } from './facts'
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
    const extent = worst > 0 ? ` (worst: ${worst.toFixed(0)} ms)` : ''
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
      ...(refused > 0 ? [`${refused} messages were refused by the library: see the peers' errors.`] : []),
      ...(isSimulated ? [] : [overloadAdvice(facts)])
    ]
    return findingOn(short, (named) => ({
      what: `${isSimulated ? 'A page was busy' : 'The machine is overloaded'}, or sending failed: ${named} sent as little as ${percent(lowest)} of what the routine owed.`,
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
        what: `The machine of runner ${runner.id} is overloaded: its CPU was ${percent(runner.usage!)} busy.`,
        why: 'Peers waited for the processor, and latencies contain that wait.',
        advice: overloadAdvice(facts)
      }))
  ),
  rule('throttled', 'machine', (facts) =>
    facts.runners
      .filter(({ throttled }) => (throttled ?? 0) > VALIDITY.throttled)
      .map(({ id, throttled }) => ({
        subject: id,
        what: `Runner ${id} was throttled by its cgroup in ${percent(throttled!)} of the scheduler's periods.`,
        why: 'Its pages stood still for up to 100 ms each time.',
        advice: `Raise the container's CPU limit. ${overloadAdvice(facts)}`
      }))
  )
]
