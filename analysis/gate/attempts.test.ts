import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isUsable, whyUnusable } from '../comparison/run'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { judge } from '../testing/judged'
import { attemptTable, outcomeOf } from './attempts'
import { parseGate } from './criteria'
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
      assert.match(gateRemarks(gate)[0]!, /^stability: .* there are 0\.$/)
    })
  }
})
