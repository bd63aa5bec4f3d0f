import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compare } from '../../analysis/testing/compare'
import { namesOf } from '../../analysis/comparison/heading'
import { DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../../analysis/comparison/metric-choice'
import { fakeBlocks } from '../../analysis/testing/fake-runs'
import type { Summary } from '../../protocol/summary'
import { compareHref, comparePicked, idsOf, picksOf, toggle, type Picks } from './picks'

describe('Picks', () => {
  it('put a test on one side only', () => {
    const once = toggle(new Map(), 'a', 'baseline')
    const moved = toggle(once, 'a', 'candidate')
    assert.deepEqual([...once], [['a', 'baseline']])
    assert.deepEqual([...moved], [['a', 'candidate']])
    assert.equal(toggle(moved, 'a', 'candidate').size, 0)
  })

  it('survive in an address', () => {
    for (const picks of [
      new Map(),
      picksOf('baseline=a1,a2&candidate=b_1'),
      picksOf('candidate=b-1')
    ] as Picks[]) {
      assert.deepEqual(picksOf(compareHref(picks).split('?')[1] ?? ''), picks)
    }
  })

  const addresses: [string, Record<string, string>][] = [
    ['', {}],
    ['baseline=', {}],
    ['baseline=a,../b,%3Cimg%3E,c', { a: 'baseline', c: 'baseline' }],
    ['baseline=a,b&candidate=b', { a: 'baseline', b: 'candidate' }],
    [`candidate=${'a'.repeat(65)}`, {}],
    ['other=a', {}]
  ]
  for (const [query, picks] of addresses) {
    it(`of "${query.slice(0, 40)}" are ${JSON.stringify(picks)}`, () =>
      assert.deepEqual(Object.fromEntries(picksOf(query)), picks))
  }
})

describe('The comparison of picked tests', () => {
  const runs = fakeBlocks(6, (block, variant) => ({ delay: (20 + block) * (variant === 1 ? 1.5 : 1) }))
  const summaries = new Map(runs.map(({ testId, summary }) => [testId, summary!]))
  const picksOfBlocks = (blocks: number): Picks =>
    new Map(
      runs.slice(0, 2 * blocks).map(({ testId, variant }) => [testId, variant ? 'candidate' : 'baseline'])
    )
  const compared = (picks: Picks, force = false) => {
    const found = comparePicked(picks, (id) => summaries.get(id), force)
    assert.ok(!('why' in found))
    return found
  }

  it('is the same as the compare command’s', () => {
    const picks = picksOfBlocks(6)
    const ours = compared(picks)
    const theirs = compare({
      id: ours.id,
      madeAt: ours.madeAt,
      design: 'paired',
      baseline: namesOf(idsOf(picks, 'baseline')),
      candidate: namesOf(idsOf(picks, 'candidate')),
      runs: [0, 1].flatMap((variant) => runs.filter((run) => run.variant === variant)),
      primary: DEFAULT_PRIMARY,
      secondary: DEFAULT_SECONDARY
    })
    assert.deepEqual(ours, theirs)
    assert.equal(ours.primary.verdict, 'worse')
  })

  it('is refused if a test is not there: nobody knows that it failed', () => {
    const picks = toggle(toggle(picksOfBlocks(6), 'deleted', 'candidate'), 'gone', 'baseline')
    for (const force of [false, true])
      assert.throws(() => compared(picks, force), {
        message: 'No results of gone, deleted: clear the picks'
      })
  })

  for (const { what, voids } of [
    { what: 'half of', voids: 3 },
    { what: 'all', voids: 6 }
  ])
    it(`counts void tests as lost attempts, as the command does: ${what} the candidate's`, () => {
      const spoilt = fakeBlocks(6, (block, variant) => ({
        delay: 20 + variant,
        ...(variant === 1 && block < voids && { cpuUsage: 0.99 })
      }))
      const summaryOf = (id: string) => spoilt.find(({ testId }) => testId === id)?.summary
      const found = comparePicked(picksOfBlocks(6), summaryOf, false)
      assert.deepEqual(found.gate.attempts.candidate, {
        attempts: 6,
        valid: 6 - voids,
        void: voids,
        failed: 0
      })
      assert.equal(found.gate.verdict, 'undecided')
      assert.equal('why' in found, voids === 6)
    })

  it('is refused if one result counts twice, as two simulations of one seed do', () => {
    const [{ testId, summary }] = runs as [(typeof runs)[number]]
    const both = new Map(summaries).set('again', { ...summary!, testId: 'again' })
    const picks = picksOf(`baseline=${testId}&candidate=again`)
    assert.throws(() => comparePicked(picks, (id) => both.get(id), true), {
      message: `Each result counts once, on one side:\n  again is a copy of ${testId}`
    })
  })

  it('needs enough of them', () =>
    assert.equal(compared(picksOfBlocks(2)).primary.verdict, 'not enough runs'))

  it('is refused, naming the difference, unless forced', () => {
    const picks = toggle(picksOfBlocks(3), runs[0]!.testId, 'baseline')
    assert.throws(() => compared(picks), /^ {2}seeds: .*\nRun both again under the same conditions$/m)
    assert.deepEqual(
      compared(picks, true).differences.map(({ fact }) => fact),
      ['seeds']
    )
  })

  it('cannot be forced between virtual time and browsers', () => {
    const picks = picksOfBlocks(1)
    const [baseline] = idsOf(picks, 'baseline')
    const simulated = (id: string): Summary => {
      const summary = summaries.get(id)!
      return { ...summary, provenance: { ...summary.provenance, engine: 'simulation' } }
    }
    const mixed = (id: string) => (id === baseline ? simulated(id) : summaries.get(id))
    for (const force of [false, true])
      assert.throws(() => comparePicked(picks, mixed, force), { canForce: false })
  })
})
