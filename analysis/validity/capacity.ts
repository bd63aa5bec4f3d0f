import { sum } from '../distribution'
import { percent, type Facts, type RunnerFacts } from './facts'
import { VALIDITY } from './limits'

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

export function overloadAdvice(facts: Facts): string {
  return [endOthers(facts), fewerPeers(facts), moreCores(facts)].filter((advice) => advice !== '').join(' ')
}

function endOthers({ runners }: Facts): string {
  const worst = runners.filter(hasCompany).sort((a, b) => othersUsage(b) - othersUsage(a))[0]
  if (!worst) return ''
  return `Other processes had ${percent(othersUsage(worst))} of the CPU of ${worst.id}: end them.`
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
  return 'Or let the browser use all cores: unset BROWSER_CORE.'
}

export function hasCompany(runner: RunnerFacts): boolean {
  return othersUsage(runner) > VALIDITY.othersUsage
}

function othersUsage({ usage, browserUsage }: RunnerFacts): number {
  return usage === null || browserUsage === null ? 0 : usage - browserUsage
}
