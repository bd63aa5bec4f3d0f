/** Pairs results that come from separate tests but share a seed. */
import type { Run } from './run'

/** If each side has each seed once: with one seed, peers do the same in the same mesh, and pairs tell more. */
export function pairBySeed(runs: readonly Run[]): { design: 'paired' | 'unpaired'; runs: Run[] } {
  const seedsOf = (variant: number) =>
    runs.filter((run) => run.variant === variant).map(({ summary }) => summary?.provenance.seed)
  const [from, to] = [seedsOf(0), seedsOf(1)]
  const blocks = [...new Set(from)]
  const isPaired =
    !from.includes(undefined) &&
    blocks.length === from.length &&
    new Set(to).size === to.length &&
    from.length === to.length &&
    to.every((seed) => blocks.includes(seed))
  if (!isPaired || blocks.length === 0) return { design: 'unpaired', runs: [...runs] }
  return {
    design: 'paired',
    runs: runs.map((run) => ({ ...run, block: blocks.indexOf(run.summary?.provenance.seed) }))
  }
}
