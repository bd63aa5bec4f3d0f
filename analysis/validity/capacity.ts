import type { Facts, RunnerFacts } from './facts'
import { VALIDITY } from './limits'

/**
 * How many peers a machine of this kind carries: its peers × target ÷ the load that they asked for. The load is the measured
 * one ÷ the share of the owed arrivals that it managed, because a busy machine shows 100 % whatever it was asked
 * for. Load grows faster than the number of peers where all are on one machine, so that this errs on the safe side.
 * Undefined where nothing was measured.
 */
export function peersCarried(runner: RunnerFacts, { summary }: Facts): number | undefined {
  if (runner.usage === null || runner.usage === 0 || runner.peers === 0) return undefined
  const managed = Math.min(1, summary.delivery.all ?? 1)
  const asked = runner.usage / Math.max(managed, 0.05)
  return Math.max(1, Math.floor((runner.peers * VALIDITY.cpuTarget) / asked))
}

/** What to try against overload, with the number where it can be told. */
export function overloadAdvice(facts: Facts): string {
  const carried = facts.runners.map((runner) => ({ runner, peers: peersCarried(runner, facts) }))
  const known = carried.filter((each) => each.peers !== undefined && each.peers < each.runner.peers)
  if (known.length === 0) {
    return 'Run fewer peers a machine, or end what else runs there; npm run calibrate tells how many it carries.'
  }
  const fewest = Math.min(...known.map((each) => each.peers!))
  const { runner } = known.find((each) => each.peers === fewest)!
  const machine = facts.runners.length === 1 ? 'This machine' : `The machine of runner ${runner.id}`
  return `${machine} carries about ${fewest} peers of this test, not ${runner.peers}: run fewer, or spread them over more machines.`
}
