import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { compare, exitCodeOfComparison, type Comparison, type ComparisonRequest } from './comparison'
import type { Run } from './run'

function compareRuns(runs: Run[], request: Partial<ComparisonRequest> = {}): Comparison {
  return compare({
    id: 'test',
    madeAt: 0,
    design: 'paired',
    baseline: 'before',
    candidate: 'after',
    primary: 'latency.position.p95',
    secondary: ['duplicateRatio.all', 'delivery.position', 'mesh.recovery.p50'],
    margin: 0.03,
    runs,
    ...request
  })
}

const slower = (factor: number) => (block: number, variant: number) => ({
  delay: (20 + block) * (variant === 1 ? factor : 1)
})

describe('A comparison in blocks', () => {
  const cases = [
    { what: 'a slower candidate', factor: 1.2, verdict: 'worse', exitCode: 2 },
    { what: 'a faster candidate', factor: 0.8, verdict: 'better', exitCode: 0 },
    { what: 'a change within the margin', factor: 1.01, verdict: 'same', exitCode: 0 }
  ] as const
  for (const { what, factor, verdict, exitCode } of cases) {
    it(`calls ${what} ${verdict}`, () => {
      const comparison = compareRuns(fakeBlocks(6, slower(factor)))
      assert.equal(comparison.primary.verdict, verdict)
      assert.ok(Math.abs(comparison.primary.estimate - factor) < 0.01, `${comparison.primary.estimate}`)
      assert.equal(exitCodeOfComparison(comparison), exitCode)
    })
  }

  it('needs six blocks', () => {
    assert.equal(compareRuns(fakeBlocks(5, slower(2))).primary.verdict, 'not enough runs')
    assert.equal(exitCodeOfComparison(compareRuns(fakeBlocks(3, slower(2)))), 0)
  })

  it('judges secondary metrics together, and tells how many blocks they need', () => {
    const duplicates = (_: number, variant: number) => ({ duplication: variant === 1 ? 0.1 : 0.5 })
    const six = compareRuns(fakeBlocks(6, duplicates))
    const seven = compareRuns(fakeBlocks(7, duplicates))
    assert.equal(six.blocksForSecondary, 7)
    assert.equal(six.secondary[0]!.verdict, 'inconclusive')
    assert.equal(seven.secondary[0]!.verdict, 'better')
  })

  it('leaves out what no run knows', () => {
    assert.deepEqual(compareRuns(fakeBlocks(6)).unknown, ['mesh.recovery.p50'])
    assert.throws(
      () => compareRuns(fakeBlocks(6), { primary: 'mesh.recovery.p50' }),
      /No run knows mesh.recovery.p50/
    )
  })

  it('never compares void or failed runs, nor what is left of their blocks', () => {
    const runs = [
      ...fakeBlocks(6, slower(1.2)),
      fakeRun(6, 0),
      fakeRun(6, 1, { cpuUsage: 0.99 }),
      fakeRun(7, 0, { failures: ['Tab 1 crashed'] }),
      fakeRun(7, 1)
    ]
    const comparison = compareRuns(runs)
    assert.equal(comparison.blocks, 6)
    const remarks = comparison.runs.filter(({ used }) => !used).map(({ remark }) => remark)
    assert.match(remarks[1]!, /^void: /)
    assert.deepEqual(
      [remarks[0], remarks[2], remarks[3]],
      ['its block lacks the other build', 'failed: Tab 1 crashed', 'its block lacks the other build']
    )
  })

  it('takes the repetition of a void run', () => {
    const runs = [
      ...fakeBlocks(6, (block, variant) => (block === 2 && variant === 1 ? { cpuUsage: 0.99 } : {})),
      fakeRun(2, 1, { attempt: 2 })
    ]
    assert.equal(compareRuns(runs).blocks, 6)
  })

  it('says why there is nothing to compare', () => {
    const allVoid = fakeBlocks(2, () => ({ cpuUsage: 0.99 }))
    assert.throws(
      () => compareRuns(allVoid),
      /no complete block to compare.*\n.*block-0-build-0-attempt-1: void/
    )
  })

  it('tells the spread that a seed takes away', () => {
    const random = seededRandom(3)
    const ofBlock = Array.from({ length: 12 }, () => Math.exp(0.2 * random.normal()))
    const { primary } = compareRuns(
      fakeBlocks(12, (block) => ({ delay: 20 * ofBlock[block]! * Math.exp(0.01 * random.normal()) }))
    )
    assert.ok(primary.spreads.anySeed! > 0.1, `${primary.spreads.anySeed}`)
    assert.ok(primary.spreads.sameSeed! < 0.02, `${primary.spreads.sameSeed}`)
  })
})

describe('A comparison of unlike runs', () => {
  const cases: { fact: string; candidate: FakeRunOptions }[] = [
    { fact: 'peers', candidate: { peers: 4, expectedPeers: 4 } },
    { fact: 'measured seconds', candidate: { duration: 11 } },
    { fact: 'warm-up', candidate: { warmup: 3, duration: 6 } },
    { fact: 'seed of block 1', candidate: { seed: 7 } },
    { fact: 'message types', candidate: { library: { config: { messageTypes: 'deduplicated' } } } },
    { fact: 'runners', candidate: { runners: 2 } }
  ]
  for (const { fact, candidate } of cases) {
    it(`is refused by the name of the ${fact}`, () => {
      const runs = fakeBlocks(6, (_, variant) => (variant === 1 ? candidate : {}))
      assert.throws(() => compareRuns(runs), {
        name: 'UnlikeRunsError',
        message: new RegExp(`^  ${fact}: `, 'm')
      })
    })
  }

  const changed: { fact: string; change: (run: Run) => void }[] = [
    { fact: 'browser', change: ({ summary }) => (summary!.provenance.runners[0]!.browser = 'Chrome/157') },
    { fact: 'CPU model', change: ({ summary }) => (summary!.provenance.runners[0]!.cpuModel = 'Another') },
    { fact: 'cores', change: ({ summary }) => (summary!.provenance.runners[0]!.cores = 64) },
    { fact: 'routine', change: ({ summary }) => (summary!.provenance.routines = ['walk']) },
    {
      fact: 'Lighthouse',
      change: ({ summary }) => (summary!.provenance.runners[0]!.lighthouse.version = '2')
    },
    {
      fact: 'library of the candidate',
      change: ({ summary }) => (summary!.provenance.libraries[0]!.version = '9.9.9')
    },
    {
      fact: 'library options of the candidate',
      change: ({ summary }) => (summary!.provenance.libraries[0]!.config = { maxConnections: 3 })
    }
  ]
  for (const { fact, change } of changed) {
    it(`is refused where one run has another ${fact}`, () => {
      const runs = fakeBlocks(6)
      change(runs.at(-1)!)
      assert.throws(() => compareRuns(runs), new RegExp(`^  ${fact}: .*block-5-build-1`, 'm'))
    })
  }

  it('may be forced, and then says so', () => {
    const runs = fakeBlocks(6, (_, variant) => (variant === 1 ? { runners: 2 } : {}))
    const { differences } = compareRuns(runs, { force: true })
    assert.deepEqual(differences.map(({ fact }) => fact).slice(0, 1), ['runners'])
  })

  it('is what was asked for where the difference is declared', () => {
    const runs = fakeBlocks(6, (_, variant) =>
      variant === 1 ? { library: { config: { messageTypes: 'deduplicated' } } } : {}
    )
    assert.equal(compareRuns(runs, { declared: ['message types'] }).differences.length, 0)
  })
})

describe('An unpaired comparison', () => {
  const unpaired = (runs: Run[]) =>
    compareRuns(
      runs.map((run) => ({ ...run, block: null })),
      { design: 'unpaired' }
    )

  it('tells a change by the permutation test', () => {
    assert.equal(unpaired(fakeBlocks(5, slower(1.5))).primary.verdict, 'worse')
    assert.equal(unpaired(fakeBlocks(3, slower(1.5))).primary.verdict, 'not enough runs')
  })

  it('is refused where the seeds differ', () => {
    const runs = fakeBlocks(4, (block, variant) => ({ seed: 10 * variant + block }))
    assert.throws(() => unpaired(runs), /^ {2}seeds: 0 1 2 3 .* \/ 10 11 12 13 /m)
  })
})
