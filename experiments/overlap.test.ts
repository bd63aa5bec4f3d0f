import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeRun } from '../analysis/testing/fake-runs'
import { checkOverlap } from './overlap'

describe('Runs side by side', () => {
  const shifted = (seconds: number) => {
    const run = fakeRun(0, 1)
    run.summary!.measured.from += seconds * 1000
    run.summary!.measured.until += seconds * 1000
    return run
  }

  it('count if they were measured at the same time', () =>
    assert.deepEqual(
      checkOverlap([fakeRun(0, 0), shifted(0.01)]).map(({ failures }) => failures),
      [[], []]
    ))

  it('fail if they were not', () => {
    for (const { failures } of checkOverlap([fakeRun(0, 0), shifted(1)]))
      assert.match(failures[0]!, /overlapped by only 66% of their measured time/)
  })

  it('are not judged if one has no summary, ended early, or ran alone', () => {
    const early = fakeRun(0, 1, { killed: () => 7.2 })
    for (const lost of [{ ...fakeRun(0, 1), summary: null }, early, { ...shifted(9), failures: ['a crash'] }])
      assert.deepEqual(checkOverlap([fakeRun(0, 0), lost]), [fakeRun(0, 0), lost])
    assert.deepEqual(checkOverlap([fakeRun(0, 0)])[0]!.failures, [])
  })

  it('is no matter if a machine was lost: all runs lost it', () => {
    const lost = { testId: 'a', summary: null, failures: [], lost: 'n1 was lost' }
    const other = { testId: 'b', summary: null, failures: ['n2: the runner ended with code 1'] }
    assert.deepEqual(checkOverlap([lost, other]), [lost, { ...other, failures: [], lost: 'n1 was lost' }])
  })
})
