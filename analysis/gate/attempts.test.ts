import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isUsable, whyUnusable, type Run } from '../comparison/run'
import { seededRandom } from '../statistics/random'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { judge } from '../testing/judged'
import { attemptTable, outcomeOf, testPairs } from './attempts'
import { parseGate, STABILITY_MARGIN } from './criteria'
import { lookSchedule } from './looks'
import { gateRemarks, gateRows } from './sentences'

it('an attempt whose machine was lost counts against no build', () => {
  const lost = { ...fakeRun(0, 1), summary: null, lost: 'n1 was lost: its power went' }
  assert.equal(outcomeOf(lost), 'machine')
  assert.equal(isUsable(lost), false)
  assert.equal(whyUnusable(lost), 'void: n1 was lost: its power went')
  const { candidate, reasons } = attemptTable([fakeRun(0, 0), lost])
  assert.deepEqual(candidate, { attempts: 1, valid: 0, void: 1, failed: 0 })
  assert.deepEqual(reasons, [{ reason: 'lost-node', cause: 'machine', baseline: 0, candidate: 1 }])
})

it('a rule that the machine broke once and perhaps the build once is listed with either cause', () => {
  const runs = (['machine', 'build-or-machine'] as const).map((cause, attempt) => {
    const run = fakeRun(0, 1, { parts: 2, attempt })
    run.summary!.reasons = [{ ...run.summary!.reasons[0]!, rule: 'cpu', cause }]
    return run
  })
  assert.deepEqual(attemptTable(runs).reasons, [
    { reason: 'cpu', cause: 'machine', baseline: 0, candidate: 1 },
    { reason: 'cpu', cause: 'build-or-machine', baseline: 0, candidate: 1 }
  ])
})

const LOPSIDED = /^stability: the machine lost more attempts of the candidate than chance explains: /

describe('stability is unknown where the machine alone made each attempt of a build void', () => {
  const split: FakeRunOptions = { parts: 2 }
  const cases: { design: 'paired' | 'unpaired'; blocks: number; side: number; first: FakeRunOptions }[] = [
    { design: 'paired', blocks: 8, side: 1, first: {} },
    { design: 'paired', blocks: 8, side: 0, first: {} },
    { design: 'unpaired', blocks: 4, side: 1, first: split },
    { design: 'unpaired', blocks: 4, side: 0, first: split },
    { design: 'unpaired', blocks: 10, side: 0, first: {} }
  ]
  for (const { design, blocks, side, first } of cases) {
    const other = first === split ? 'one of the other is lost' : 'none of the other is lost'
    it(`${design}: ${blocks} of the ${side === 0 ? 'baseline' : 'candidate'}, ${other}`, () => {
      const runs = fakeBlocks(blocks, (block, variant) =>
        variant === side ? { lostRunners: [0] } : block === 0 ? first : {}
      ).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
      const gate = judge(runs, { design, criteria: parseGate('only,stability') })
      const { result, change, limit, p } = gateRows(gate)[0]!
      assert.deepEqual([gate.verdict, result, change, limit, p], ['undecided', 'undecided', '–', '–', '–'])
      assert.match(gateRemarks(gate)[0]!, side === 1 ? LOPSIDED : /^stability: .* there are 0\.$/)
    })
  }
})

describe('stability does not hold where the machine lost the candidate beyond chance', () => {
  const cases: [design: 'paired' | 'unpaired', baseline: number, candidate: number, holds: boolean][] = [
    ['paired', 0, 4, true],
    ['paired', 0, 5, false],
    ['paired', 1, 5, true],
    ['paired', 1, 7, false],
    ['paired', 5, 0, true],
    ['unpaired', 0, 4, true],
    ['unpaired', 0, 5, false],
    ['unpaired', 5, 0, true]
  ]
  for (const [design, baseline, candidate, holds] of cases)
    it(`${design}: ${candidate} of the candidate, ${baseline} of the baseline: ${holds ? 'holds' : 'undecided'}`, () => {
      const runs = fakeBlocks(20, (block, variant) =>
        (variant === 0 ? block < baseline : block >= 20 - candidate) ? { lostRunners: [0] } : {}
      ).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
      const gate = judge(runs, { design, criteria: parseGate('only,stability') })
      assert.equal(gate.criteria[0]!.verdict, holds ? 'holds' : 'undecided')
      assert.equal(gate.stability!.limit === null, !holds)
      if (!holds) assert.match(gateRemarks(gate)[0]!, LOPSIDED)
    })
})

describe('stability without a loss says how many attempts it takes to hold', () => {
  for (const [margin, attempts] of [
    ['33%', 8],
    ['15%', 19],
    ['0.1%', 2995]
  ] as const)
    it(`within ${margin}`, () => {
      const gate = judge(fakeBlocks(4), { criteria: parseGate(`only,stability:${margin}`) })
      const remark = `stability: it takes ${attempts} attempts without a loss; there are 4.`
      assert.deepEqual(gateRemarks(gate), [remark])
    })
})

describe('the limit of stability is what the looks would have shown to hold', () => {
  const cases: { blocks: number; lost: number[]; verdict: string }[] = [
    { blocks: 13, lost: [], verdict: 'holds' },
    { blocks: 13, lost: [3], verdict: 'undecided' },
    { blocks: 13, lost: [9, 11, 12], verdict: 'holds' },
    { blocks: 24, lost: [1, 5, 20], verdict: 'undecided' }
  ]
  for (const { blocks, lost, verdict } of cases)
    it(`${blocks} blocks, of which the candidate loses ${lost.join(', ') || 'none'}: ${verdict}`, () => {
      const runs = fakeBlocks(blocks, (block, variant) =>
        variant === 1 && lost.includes(block) ? { failures: ['No peer connects'] } : {}
      )
      const looks = lookSchedule([24]).filter((look) => look.blocks <= blocks)
      const judged = (margin = '') =>
        judge(runs, { looks, maxBlocks: 24, criteria: parseGate(`only,stability${margin}`) })
      const { criteria, stability } = judged()
      assert.equal(criteria[0]!.verdict, verdict)
      const limit = stability!.limit!
      assert.equal(limit < criteria[0]!.margin, verdict === 'holds')
      const verdicts = [-0.001, 0.001].map((more) => judged(`:${limit + more}`).criteria[0]!.verdict)
      assert.deepEqual(verdicts, ['undecided', 'holds'])
    })
})

it('stability is worse where the looks show it at the level, though not at a slightly larger one', () => {
  const runs = fakeBlocks(10, (block, variant) =>
    variant === 1 && [1, 2, 3, 5, 9].includes(block) ? { failures: ['No peer connects'] } : {}
  )
  const looks = lookSchedule([12]).filter(({ blocks }) => blocks <= 10)
  const gate = judge(runs, { looks, maxBlocks: 12, criteria: parseGate('only,stability') })
  assert.equal(gate.criteria[0]!.verdict, 'worse')
})

it('stability seldom holds where the candidate loses a third, though each loss adds an attempt', () => {
  const random = seededRandom(1)
  const run = (block: number, attempt: number, variant: number, isLost: boolean): Run => ({
    testId: `${block}-${attempt}-${variant}`,
    block,
    attempt,
    variant,
    summary: { verdict: 'valid', reasons: [] } as unknown as Run['summary'],
    failures: isLost ? ['lost'] : []
  })
  const campaign = () =>
    Array.from({ length: 24 }, (_, block) => {
      const runs: Run[] = []
      for (let attempt = 1, isLost = true; isLost && attempt <= 3; attempt++) {
        isLost = random.uniform() < STABILITY_MARGIN
        runs.push(run(block, attempt, 0, false), run(block, attempt, 1, isLost))
      }
      return runs
    }).flat()
  const trials = 4_000
  const held = Array.from({ length: trials }, () =>
    testPairs(campaign(), lookSchedule([24]), STABILITY_MARGIN)
  ).filter(({ holds }) => holds).length
  assert.ok(held / trials <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials), `${held} held`)
})
