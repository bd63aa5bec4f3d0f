import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isUsable, whyUnusable } from '../comparison/run'
import { fakeRun } from '../testing/fake-runs'
import { attemptTable, outcomeOf } from './attempts'

it('an attempt whose machine was lost counts against no build', () => {
  const lost = { ...fakeRun(0, 1), summary: null, lost: 'n1 was lost: its power went' }
  assert.equal(outcomeOf(lost), 'machine')
  assert.equal(isUsable(lost), false)
  assert.equal(whyUnusable(lost), 'void: n1 was lost: its power went')
  const { candidate, reasons } = attemptTable([fakeRun(0, 0), lost])
  assert.deepEqual(candidate, { attempts: 1, valid: 0, void: 1, failed: 0 })
  assert.deepEqual(reasons, [{ reason: 'lost-node', cause: 'machine', baseline: 0, candidate: 1 }])
})
