/**
 * A comparison in real browsers. It runs alone, because other load voids runs. Comparisons with enough blocks
 * for a verdict are in compare-simulated.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isUsable, type Run } from '../analysis/comparison/run'
import type { Comparison } from '../analysis/comparison/comparison'
import type { Campaign } from '../orchestration/store'
import { startCommand } from './support/command'
import { until } from './support/processes'
import { onQuietMachine } from './support/quiet'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
const compare = (...args: string[]) =>
  startCommand('compare', args, { TEST_RESULTS_LOCATION: folder, FORCE_COLOR: '0' })
const read = (id: string, file: string) => readFileSync(join(folder, 'comparisons', id, file), 'utf8')
const runsOf = (id: string) =>
  existsSync(join(folder, 'comparisons', id, 'campaign.json'))
    ? (JSON.parse(read(id, 'campaign.json')) as Campaign).runs
    : []

/** Baseline and candidate of each block's attempt in which both were valid. */
function usableBlocks(runs: readonly Run[]): [Run, Run][] {
  const usable = runs.filter((run) => isUsable(run) && run.solo !== true)
  const of = (variant: number) => usable.filter((run) => run.variant === variant)
  return of(0).flatMap((baseline) =>
    of(1)
      .filter(({ block, attempt }) => block === baseline.block && attempt === baseline.attempt)
      .map((candidate): [Run, Run] => [baseline, candidate])
  )
}

describe('npx peer-perf compare', () => {
  after(() => rmSync(folder, { recursive: true }))

  // What a kill and a resumption keep is the matter of compare-simulated.
  it('runs builds side by side, and reports what there is when interrupted', () =>
    onQuietMachine(async (attempt) => {
      const id = `mesh-${attempt}`
      const comparing = compare(
        ...['--id', id, '--blocks', '8', '--baseline', 'layers', '--candidate', 'layers?mesh=full'],
        ...['--peers', '6', '--duration', '4', '--warmup', '1', '--secondary', 'delivery.position'],
        // Nothing that virtual time counts, which takes minutes before the blocks.
        ...['--gate', 'only,latency', '--metric', 'wire.packetsPerMessage']
      )
      // A burst of other load may void a block or two.
      try {
        await until('two blocks are usable', () => usableBlocks(runsOf(id)).length >= 2, 150)
      } catch (error) {
        // The next attempt must not run beside it.
        comparing.kill('SIGKILL')
        await comparing.ended
        throw error
      }
      comparing.kill('SIGINT')
      const { code, output } = await comparing.ended
      assert.equal(code, 1, output)
      assert.match(output, /Not enough runs for wire\.packetsPerMessage: 2 blocks /)
      assert.match(
        output,
        new RegExp(`Stopped with \\d+ runs to go\\. To resume: npx peer-perf compare --resume ${id}`)
      )

      const blocks = usableBlocks(runsOf(id))
      for (const [baseline, candidate] of blocks) {
        const [one, other] = [baseline.summary!, candidate.summary!]
        const overlap =
          Math.min(one.measured.until, other.measured.until) -
          Math.max(one.measured.from, other.measured.from)
        assert.equal(overlap > 0, availableParallelism() > 1)
        assert.ok(one.delivery.position! > 0.95, `${one.delivery.position}`)
        const [sparse, full] = [one.wire.packetsPerMessage!, other.wire.packetsPerMessage!]
        assert.ok(
          full < 1.1 && full < sparse,
          `${full} packets a message in a full mesh, ${sparse} in another`
        )
      }
      const { primary } = JSON.parse(read(id, 'comparison.json')) as Comparison
      assert.equal(primary.values.candidate.length, blocks.length)
      assert.ok(primary.estimate < 1, `${primary.estimate}`)
      assert.match(read(id, 'comparison.html'), /<svg/)
    }))
})
