import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { compare, requestOf } from '../testing/compare'
import { conclude, type Comparison, type ComparisonRequest } from './comparison'
import { refusedPart, SIMULATED_SIZES } from '../gate/simulated'
import { pairBySeed } from './run'
import type { Run } from './run'

const SECONDARY = ['duplicateRatio.all', 'delivery.position', 'mesh.recovery.p50']
const compareRuns = (runs: Run[], more: Partial<ComparisonRequest> = {}): Comparison =>
  compare(requestOf(runs, { secondary: SECONDARY, ...more }))

const slower = (factor: number) => (block: number, variant: number) => ({
  delay: (20 + block) * (variant === 1 ? factor : 1)
})

describe('A comparison in blocks', () => {
  const cases = [
    { what: 'a slower candidate', factor: 1.2, verdict: 'worse' },
    { what: 'a faster candidate', factor: 0.8, verdict: 'better' },
    { what: 'a change within the margin', factor: 1.01, verdict: 'same' }
  ] as const
  for (const { what, factor, verdict } of cases) {
    it(`calls ${what} ${verdict}`, () => {
      const comparison = compareRuns(fakeBlocks(6, slower(factor)))
      assert.equal(comparison.primary.verdict, verdict)
      assert.ok(Math.abs(comparison.primary.estimate - factor) < 0.01, `${comparison.primary.estimate}`)
    })
  }

  it('needs six blocks', () =>
    assert.equal(compareRuns(fakeBlocks(5, slower(2))).primary.verdict, 'not enough runs'))

  it('judges secondary metrics together, and reports how many blocks they need', () => {
    const duplicates = (_: number, variant: number) => ({ duplication: variant === 1 ? 0.1 : 0.5 })
    const six = compareRuns(fakeBlocks(6, duplicates))
    const seven = compareRuns(fakeBlocks(7, duplicates))
    assert.equal(six.blocksForSecondary, 7)
    assert.equal(six.secondary[0]!.verdict, 'inconclusive')
    assert.equal(seven.secondary[0]!.verdict, 'better')
  })

  it('counts a metric that is named twice once, so that it does not weaken the others', () => {
    const runs = fakeBlocks(6)
    const once = compareRuns(runs, { secondary: ['duplicateRatio.all'] })
    const twice = compareRuns(runs, { secondary: ['duplicateRatio.all', 'duplicateRatio.all'] })
    assert.deepEqual(twice.secondary, once.secondary)
  })

  it('compares the growth of memory by difference, because memory may shrink', () => {
    const runs = fakeBlocks(7)
    for (const { summary, variant } of runs) summary!.machine.memorySlope = variant === 1 ? 200_000 : -1_000
    const growth = compareRuns(runs, { secondary: ['machine.memorySlope'] }).secondary[0]!
    assert.deepEqual([growth.verdict, growth.estimate], ['worse', 201_000])
  })

  it('leaves out metrics that no run has', () => {
    assert.deepEqual(compareRuns(fakeBlocks(6)).unknown, ['mesh.recovery.p50'])
    assert.throws(
      () => compareRuns(fakeBlocks(6), { primary: 'mesh.recovery.p50' }),
      /No run knows mesh.recovery.p50/
    )
  })

  it('never compares void or failed runs, or the other run of their blocks', () => {
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

  it('calls a run void whose machine was lost, whatever else it had', () => {
    const lost = [fakeRun(6, 0), { ...fakeRun(6, 1), summary: null }].map((run) => ({
      ...run,
      lost: 'node-2 was lost'
    }))
    const { runs } = compareRuns([...fakeBlocks(6), ...lost])
    assert.deepEqual(
      runs.slice(-2).map(({ verdict, remark }) => [verdict, remark]),
      Array(2).fill(['void', 'void: node-2 was lost'])
    )
  })

  it('takes the repetition of a block, but never pairs runs of different attempts', () => {
    const runs = fakeBlocks(6, (block, variant) => (block === 2 && variant === 1 ? { cpuUsage: 0.99 } : {}))
    const repeated = [0, 1].map((variant) => fakeRun(2, variant, { attempt: 2 }))
    assert.equal(compareRuns([...runs, ...repeated]).blocks, 6)
    assert.equal(compareRuns([...runs, repeated[1]!]).blocks, 5)
  })

  it('never calls timed metrics the same where builds shared cores', () => {
    const request = { arrangement: { kind: 'side by side', reason: null } } as const
    const comparison = compareRuns(fakeBlocks(8), request)
    assert.equal(comparison.primary.verdict, 'inconclusive')
    assert.equal(
      comparison.secondary.find(({ entry }) => entry.path === 'delivery.position')!.verdict,
      'same'
    )
    assert.equal(compareRuns(fakeBlocks(8)).primary.verdict, 'same')
  })

  it('leaves out solo runs, and reports the interference they measure', () => {
    const runs = fakeBlocks(6)
    const solo = [0, 1].map((variant) => ({ ...fakeRun(0, variant, { delay: 10 }), solo: true }))
    const { interference, runs: listed, blocks } = compareRuns([...runs, ...solo])
    assert.equal(blocks, 6)
    assert.equal(listed.length, 12)
    assert.ok(interference![0]!.ratio > 1.8, `${interference![0]!.ratio}`)
    assert.equal(interference![0]!.blocks, 1)
  })

  it('explains why there is nothing to compare', () => {
    const allVoid = fakeBlocks(2, () => ({ cpuUsage: 0.99 }))
    assert.throws(
      () => compareRuns(allVoid),
      /no complete block to compare.*\n.*block-0-build-0-attempt-1: void/
    )
  })

  it('is headed by its builds, machine and network, and by why it ended, also if no block is complete', () => {
    const headingOf = (...request: Parameters<typeof requestOf>) => conclude(requestOf(...request)).heading
    const ended = 'this machine could not run it'
    const { title, facts, notes } = headingOf(
      fakeBlocks(1, () => ({ cpuUsage: 0.99 })),
      { ended }
    )
    assert.match(title, /^after \(.*\) against before \(/)
    assert.match(facts, /^1970-01-01 00:00 UTC · 3 peers · .* · network perfect · Pretended CPU, 2 cores$/)
    assert.deepEqual(notes, [`It ended early: ${ended}`])
    const simulated = [refusedPart(SIMULATED_SIZES[0]!, 'it lacks X')]
    const planned = { planned: ['8 peers'], simulated }
    assert.equal(headingOf([], planned).facts, '1970-01-01 00:00 UTC · 8 peers')
    assert.throws(() => headingOf([]), /^NothingToCompareError: No block has run yet\.$/)
    assert.throws(() => headingOf([fakeRun(0, 0)]), /no complete block to compare/)
  })

  it('reports the spread that a seed removes', () => {
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
    it(`is refused, naming the ${fact}`, () => {
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

  it('can be forced, and says so', () => {
    const runs = fakeBlocks(6, (_, variant) => (variant === 1 ? { runners: 2 } : {}))
    const { differences, heading } = compareRuns(runs, { force: true })
    assert.deepEqual(differences.map(({ fact }) => fact).slice(0, 1), ['runners'])
    assert.match(heading.notes.join('\n'), /^Forced: these runs differ in more than the build.*\nrunners: 1 /)
  })

  it('is allowed if the difference is declared', () => {
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

  it('finds a change by the permutation test', () => {
    assert.equal(unpaired(fakeBlocks(5, slower(1.5))).primary.verdict, 'worse')
    assert.equal(unpaired(fakeBlocks(3, slower(1.5))).primary.verdict, 'not enough runs')
  })

  it('is refused where the seeds differ', () => {
    const runs = fakeBlocks(4, (block, variant) => ({ seed: 10 * variant + block }))
    assert.throws(() => unpaired(runs), /^ {2}seeds: 0 1 2 3 .* \/ 10 11 12 13 /m)
  })

  const voids: { what: string; options: FakeRunOptions; refused?: RegExp }[] = [
    { what: 'alike', options: {} },
    { what: 'that ended early', options: { duration: 7 } },
    { what: 'with other peers', options: { peers: 12 }, refused: /^ {2}peers: 3 .* \/ 12 /m }
  ]
  for (const { what, options, refused } of voids)
    it(`${refused ? 'is refused with' : 'counts'} a void result ${what}`, () => {
      const ofVoid = fakeRun(0, 1, { attempt: 2, parts: 2, ...options })
      const made = () => unpaired([...fakeBlocks(4), ofVoid])
      if (refused) assert.throws(made, refused)
      else assert.equal(made().gate.attempts.candidate.void, 1)
    })

  it('is paired by seed where each side has each seed once', () => {
    const runs = fakeBlocks(6).map((run) => ({ ...run, block: null }))
    const backwards = [
      ...runs.filter(({ variant }) => variant === 0),
      ...runs.filter(({ variant }) => variant === 1).reverse()
    ]
    const { design, runs: paired } = pairBySeed(backwards)
    assert.equal(design, 'paired')
    assert.equal(compareRuns(paired, { design }).blocks, 6)
    assert.equal(pairBySeed(runs.slice(1)).design, 'unpaired')
    const oneSeed = runs.map((run) => fakeRun(0, run.variant, { seed: 1 }))
    assert.equal(pairBySeed(oneSeed).design, 'unpaired')
  })
})
