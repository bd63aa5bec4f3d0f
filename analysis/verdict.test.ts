import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { verdictOf, type VerdictMetric, type VerdictRequest, type VerdictRun } from './verdict'

const MS: VerdictMetric = { name: 'ms', better: 'lower', margin: 0.05, unit: 'ms' }
const DELIVERY: VerdictMetric = { name: 'delivery', better: 'higher', margin: 0.01, scale: 'difference' }

const blocksOf = (count: number, candidate: (block: number) => VerdictRun): VerdictRequest['blocks'] =>
  Array.from({ length: count }, (_, block) => ({
    baseline: { values: { ms: 20 + block, delivery: 1 } },
    candidate: candidate(block)
  }))
const times =
  (factor: number, delivery = 1) =>
  (block: number): VerdictRun => ({ values: { ms: (20 + block) * factor, delivery } })
type Value = number | 'never'
const blocksAlike = (block: VerdictRequest['blocks'][number]) => Array.from({ length: 10 }, () => block)
const BUSY = { baseline: { machine: 'busy' }, candidate: { machine: 'busy' } }
const withoutDelivery = (run: VerdictRun): VerdictRun => ({
  values: { ...(run as { values: Record<string, number> }).values, delivery: null }
})

const cases: {
  says: string
  blocks: VerdictRequest['blocks']
  maxBlocks?: number
  verdict: string
  headline?: RegExp
  isFinal?: boolean
}[] = [
  { says: 'no change: pass', blocks: blocksOf(10, times(1)), verdict: 'pass' },
  {
    says: 'beyond the margin: worse',
    blocks: blocksOf(10, times(1.2)),
    verdict: 'worse',
    headline: /^worse in ms: ms \+20%, margin 5%$/
  },
  { says: 'within the margin: pass', blocks: blocksOf(10, times(1.02)), verdict: 'pass' },
  {
    says: 'faster: pass, and it says so',
    blocks: blocksOf(10, times(0.8)),
    verdict: 'pass',
    headline: /better in ms, −20%/
  },
  {
    says: 'less delivered: worse',
    blocks: blocksOf(10, times(1, 0.9)),
    verdict: 'worse',
    headline: /delivery/
  },
  {
    says: 'better in a minority of the blocks: not better',
    blocks: blocksOf(24, (block) => times(block < 7 ? 0.9 : 1)(block)),
    verdict: 'pass',
    headline: /^pass$/
  },
  {
    says: 'equal at an early look, slower since: worse',
    blocks: blocksOf(24, (block) => times(block < 8 ? 1 : 2)(block)),
    maxBlocks: 24,
    verdict: 'worse',
    headline: /^worse in ms/
  },
  {
    says: 'lost since an early look: worse',
    blocks: blocksOf(24, (block) => times(1, block < 8 ? 1 : 0.5)(block)),
    maxBlocks: 24,
    verdict: 'worse',
    headline: /^worse in delivery/
  },
  {
    says: 'seven good blocks at the only look: worse',
    blocks: [...blocksOf(7, times(2)), BUSY],
    maxBlocks: 8,
    verdict: 'worse'
  },
  { says: 'too few blocks: undecided', blocks: blocksOf(4, times(1.2)), verdict: 'undecided' },
  {
    says: 'never reached: worse',
    blocks: blocksOf(10, () => ({ values: { ms: 'never', delivery: 1 } })),
    verdict: 'worse',
    headline: /ms never/
  },
  {
    says: 'unknown in the candidate: undecided',
    blocks: blocksOf(10, () => ({ values: { ms: null, delivery: 1 } })),
    verdict: 'undecided'
  },
  {
    says: 'only the candidate is lost: worse',
    blocks: blocksOf(16, (block) => (block % 2 === 0 ? { lost: 'it crashed' } : times(1)(block))),
    verdict: 'worse',
    headline: /stability: attempts lost \+50 points/
  },
  {
    says: 'the machine is at fault: no reason against the candidate',
    blocks: blocksOf(12, (block) => (block === 0 ? { machine: 'throttled' } : times(1)(block))),
    verdict: 'pass'
  },
  {
    says: 'a reason that is null is none: pass',
    blocks: blocksOf(
      10,
      (block) => ({ ...times(1)(block), lost: null, machine: null }) as unknown as VerdictRun
    ),
    verdict: 'pass'
  },
  { says: 'no block', blocks: [], verdict: 'undecided' },
  ...([null, 'never'] as const).map((ms) => ({
    says: `no metric has a value in any run, ${ms ?? 'all unknown'}: undecided`,
    blocks: blocksOf(12, () => ({ values: { ms, delivery: null } })).map(({ candidate }) => ({
      baseline: candidate,
      candidate
    })),
    maxBlocks: 24,
    verdict: 'undecided',
    headline: /^undecided \(1 of 3 criteria\); not judged: /
  })),
  {
    says: 'no run has a value yet, and no look is due',
    blocks: blocksOf(7, () => ({ values: {} })).map(({ candidate }) => ({ baseline: candidate, candidate })),
    maxBlocks: 24,
    verdict: 'undecided',
    isFinal: false
  },
  {
    says: 'only one metric has values: goes on',
    blocks: blocksOf(8, times(1.04)).map(({ baseline, candidate }) => ({
      baseline: withoutDelivery(baseline),
      candidate: withoutDelivery(candidate)
    })),
    maxBlocks: 40,
    verdict: 'undecided',
    isFinal: false
  },
  {
    says: 'asked after each block: goes on',
    blocks: blocksOf(8, times(1.04)),
    maxBlocks: 40,
    verdict: 'undecided',
    isFinal: false
  },
  {
    says: 'asked after each block: stops early',
    blocks: blocksOf(9, times(1)),
    maxBlocks: 24,
    verdict: 'pass',
    isFinal: true
  },
  {
    says: 'asked before the first look',
    blocks: blocksOf(3, times(2)),
    maxBlocks: 24,
    verdict: 'undecided',
    isFinal: false
  }
]

describe('the verdict alone', () => {
  for (const { says, blocks, maxBlocks, verdict, headline = /./, isFinal = true } of cases)
    it(says, () => {
      const found = verdictOf({
        metrics: [MS, DELIVERY],
        blocks,
        ...(maxBlocks !== undefined && { maxBlocks })
      })
      assert.deepEqual([found.verdict, found.isFinal], [verdict, isFinal], JSON.stringify(found))
      assert.match(found.headline, headline)
      assert.equal(found.exitCode, { pass: 0, worse: 2, undecided: 4 }[verdict])
      assert.deepEqual(
        found.criteria.map(({ name }) => name),
        ['stability', 'ms', 'delivery']
      )
    })

  it('spends no more than the looks so far may, however few blocks are complete', () => {
    const metrics = ['slower', 'noise', 'other noise'].map((name) => ({ ...MS, name }))
    const good = Array.from({ length: 7 }, (_, block) => ({
      baseline: { values: { slower: 20, noise: 20, 'other noise': 20 } },
      candidate: {
        values: { slower: 22 + block, noise: 19 + 2 * (block % 2), 'other noise': 21 - 2 * (block % 2) }
      }
    }))
    const blocks = [...good, ...new Array<typeof BUSY>(8).fill(BUSY)]
    assert.equal(verdictOf({ metrics, blocks }).verdict, 'worse')
    assert.equal(verdictOf({ metrics, blocks, maxBlocks: 24 }).verdict, 'undecided')
  })

  const zeros: { from: number; to: number; verdict: string; headline: string }[] = [
    {
      from: 0,
      to: 1_000_000,
      verdict: 'worse',
      headline: 'worse in dropped: dropped 0 → 1,000,000, margin 150%'
    },
    { from: 100, to: 0, verdict: 'pass', headline: 'pass; better in dropped' }
  ]
  for (const { from, to, verdict, headline } of zeros)
    it(`gives no size to a change from ${from} to ${to}`, () => {
      const metrics: VerdictMetric[] = [{ name: 'dropped', better: 'lower', margin: 1.5 }]
      const block = { baseline: { values: { dropped: from } }, candidate: { values: { dropped: to } } }
      const found = verdictOf({ metrics, blocks: blocksAlike(block) })
      assert.deepEqual([found.verdict, found.headline], [verdict, headline])
    })

  it('has no limit where one block too many never reaches the metric', () => {
    const run = (block: number): VerdictRun => ({
      values: { ms: block === 0 ? 'never' : (20 + block) * 1.2, delivery: 1 }
    })
    const { criteria } = verdictOf({ metrics: [MS, DELIVERY], blocks: blocksOf(8, run) })
    assert.equal(criteria[1]!.metrics[0]!.limit, 'never')
  })

  const limits: {
    says: string
    from: (block: number) => Value
    to: (block: number) => Value
    limit: number
  }[] = [
    {
      says: 'of any size where one block of 20 never reaches the metric',
      from: () => 100,
      to: (block) => (block === 3 ? 'never' : 130),
      limit: 30
    },
    {
      says: 'of improvements, too, where some blocks of the baseline never reach it',
      from: (block) => (block < 7 ? 'never' : 100),
      to: () => 50,
      limit: -50
    },
    { says: 'of large numbers that all change alike', from: () => 1e9, to: () => 1.02e9, limit: 2e7 }
  ]
  for (const { says, from, to, limit } of limits)
    it(`has a limit ${says}`, () => {
      const blocks = Array.from({ length: 20 }, (_, block) => ({
        baseline: { values: { ms: from(block) } },
        candidate: { values: { ms: to(block) } }
      }))
      const metrics: VerdictMetric[] = [{ ...MS, scale: 'difference', margin: 20 }]
      const [found] = verdictOf({ metrics, blocks }).criteria[1]!.metrics
      assert.equal(Math.round(Number(found!.limit)), limit)
      // A change from never has no size.
      assert.equal(found!.estimate, limit < 0 ? null : limit)
    })

  it('takes a metric by any name', () => {
    const judge = (candidate: Record<string, number>) => {
      const block = { baseline: { values: { toString: 20 } }, candidate: { values: candidate } }
      return verdictOf({ metrics: [{ ...MS, name: 'toString' }], blocks: blocksAlike(block) })
    }
    assert.equal(judge({ toString: 30 }).headline, 'worse in toString: toString +50%, margin 5%')
    const { remark, metrics } = judge({}).criteria[1]!
    assert.deepEqual([remark, metrics[0]!.candidate], ['unknown in some runs: toString', null])
  })

  it('takes no finite value for one that is never reached, however large', () => {
    const run = { values: { ms: 1.7e308 } }
    const { verdict, criteria } = verdictOf({
      metrics: [MS],
      blocks: blocksAlike({ baseline: run, candidate: run })
    })
    assert.deepEqual([verdict, criteria[1]!.metrics[0]!.baseline], ['pass', 1.7e308])
  })

  it('judges metrics of one criterion together', () => {
    const metrics = [MS, DELIVERY].map((metric) => ({ ...metric, criterion: 'service' }))
    const { criteria } = verdictOf({ metrics, blocks: blocksOf(10, times(1.2)) })
    assert.deepEqual(
      criteria.map(({ name, metrics: own }) => [name, own.map(({ verdict }) => verdict)]),
      [
        ['stability', []],
        ['service', ['worse', 'holds']]
      ]
    )
  })

  const good = {
    metrics: [MS],
    blocks: [{ baseline: { values: { ms: 1 } }, candidate: { values: { ms: 1 } } }]
  }
  const [block] = good.blocks
  const wrong: Record<string, [request: object | null, line: RegExp]> = {
    'no request': [null, /^"metrics" must be a list of one or more$/],
    'no metric': [{ ...good, metrics: [] }, /^"metrics" must be a list of one or more$/],
    'no blocks': [{ metrics: [MS] }, /^"blocks" must be a list$/],
    'a name twice': [{ ...good, metrics: [MS, MS] }, /the name "ms" is missing, reserved, or given twice$/],
    'no direction': [
      { ...good, metrics: [{ name: 'ms', margin: 1 }] },
      /^ms: "better" must be lower or higher$/
    ],
    'no margin': [{ ...good, metrics: [{ ...MS, margin: '5%' }] }, /^ms: "margin" must be a number above 0/],
    'a typo': [
      { ...good, blocks: [{ ...block, candidate: { values: { mss: 1 } } }] },
      /^block 1, candidate: "mss" is not/
    ],
    'a half block': [
      { ...good, blocks: [block, { baseline: block!.baseline }] },
      /^block 2, candidate: it needs "values"/
    ],
    'no block': [{ ...good, blocks: [null] }, /^block 1, baseline: it needs "values"/],
    'a text': [
      { ...good, blocks: [{ ...block, baseline: { values: { ms: '1' } } }] },
      /must be a finite number/
    ],
    'a negative ratio': [
      { ...good, blocks: [{ ...block, baseline: { values: { ms: -1 } } }] },
      /scale "difference"$/
    ],
    'a "never" where more is better': [
      {
        metrics: [{ ...MS, better: 'higher' }],
        blocks: [{ ...block, candidate: { values: { ms: 'never' } } }]
      },
      /^block 1, candidate: ms is never: only where lower is better is that the worst$/
    ],
    'a criterion that is ours': [
      { ...good, metrics: [{ ...MS, criterion: 'stability' }] },
      /^ms: "criterion" must be a name, and not stability$/
    ],
    'a criterion without a name': [
      { ...good, metrics: [{ ...MS, criterion: '' }] },
      /^ms: "criterion" must be a name/
    ],
    'more blocks than it could judge in time': [
      { ...good, maxBlocks: 1e9 },
      /^"maxBlocks" must be a whole number of 1 to 1000$/
    ],
    'a part of a block': [{ ...good, maxBlocks: 0.5 }, /^"maxBlocks" must be a whole number/],
    'more blocks than planned': [
      { ...good, blocks: [block, block], maxBlocks: 1 },
      /^"blocks" has more than the 1 of "maxBlocks"$/
    ],
    'more blocks without a plan than it could judge in time': [
      { ...good, blocks: new Array<typeof block>(1001).fill(block) },
      /^"blocks" has more than 1000$/
    ]
  }
  for (const [what, [request, line]] of Object.entries(wrong))
    it(`refuses ${what}`, () =>
      assert.throws(() => verdictOf(request as VerdictRequest), { name: 'RangeError', message: line }))

  it('refuses anything else in one line, or judges it', () => {
    const run = fc.oneof(
      fc.record({
        values: fc.dictionary(fc.constantFrom('ms', 'x'), fc.oneof(fc.double(), fc.constant('never')))
      }),
      fc.record({ lost: fc.string() }),
      fc.anything()
    )
    const request = fc.record({
      metrics: fc.oneof(fc.constant([MS]), fc.array(fc.anything(), { maxLength: 3 })),
      blocks: fc.array(fc.record({ baseline: run, candidate: run }), { maxLength: 6 })
    })
    fc.assert(
      fc.property(request, (given) => {
        try {
          assert.ok(['pass', 'worse', 'undecided'].includes(verdictOf(given as VerdictRequest).verdict))
        } catch (error) {
          assert.equal((error as Error).name, 'RangeError', String((error as Error).stack))
        }
      })
    )
  })
})
