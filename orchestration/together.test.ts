import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeRun } from '../analysis/testing/fake-runs'
import { schedule, type Plan } from './plan'
import { SAMPLE_PLAN } from './testing/sample-plan'
import type { ResultsClient } from '../protocol/api-client'
import { ID_PATTERN } from '../protocol/limits'
import { checkOverlap, executeTogether, startBarriers, startTogether } from './together'

describe('A start barrier', () => {
  it('opens for everyone when the last has arrived', async () => {
    const [a, b] = startBarriers(2)
    const order: string[] = []
    const first = a!.arrive().then(() => order.push('a'))
    await new Promise(setImmediate)
    assert.equal(order.length, 0)
    await Promise.all([first, b!.arrive().then(() => order.push('b'))])
    assert.deepEqual(order, ['a', 'b'])
  })

  it('opens when those still missing leave', async () => {
    const [a, b, c] = startBarriers(3)
    const waiting = a!.arrive()
    b!.leave()
    b!.leave()
    a!.leave()
    c!.leave()
    await waiting
  })
})

const PLAN: Plan = { ...SAMPLE_PLAN, setting: { ...SAMPLE_PLAN.setting, sideBySide: true } }

for (const failing of [0, 1])
  it(`no run waits for one that could not begin: ${failing}`, { timeout: 120_000 }, async () => {
    let waited = false
    const work = executeTogether(PLAN, schedule(PLAN), async ({ variant }, id, barrier) => {
      if (variant === failing) throw new Error('the disk is full')
      await barrier!.arrive()
      waited = true
      return { testId: id, summary: null, failures: [] }
    })
    await assert.rejects(work, /the disk is full/)
    assert.equal(waited, true)
  })

it('runs fail together only when the last has ended', async () => {
  const ended: number[] = []
  const plan = { ...PLAN, id: 'x'.repeat(64) }
  const work = executeTogether(plan, schedule(plan), async ({ variant }, id) => {
    assert.match(id, ID_PATTERN)
    if (variant === 0) throw new Error('the disk is full')
    await new Promise(setImmediate)
    ended.push(variant)
    return { testId: id, summary: null, failures: [] }
  })
  await assert.rejects(work, /the disk is full/)
  assert.deepEqual(ended, [1])
})

describe('A test at a barrier', () => {
  /** Of a results server on which so many peers of a test become ready. */
  const clientOf = (ready: number, startTest: () => void) => {
    const getTest = () => Promise.resolve({ peers: { ready } })
    return { getTest, startTest } as Partial<Record<keyof ResultsClient, unknown>> as ResultsClient
  }
  const test = { id: 'a', peers: 2 }

  it('starts when the peers of all are ready', async () => {
    const [own, other] = startBarriers(2)
    const events: string[] = []
    let start: () => void = () => undefined
    const started = new Promise<void>((resolve) => (start = resolve))
    const client = clientOf(2, () => {
      events.push('started')
      start()
    })
    const work = startTogether(own, client, test, () => started)
    await new Promise(setImmediate)
    events.push('all are ready')
    other!.leave()
    await work
    assert.deepEqual(events, ['all are ready', 'started'])
  })

  it('ends with its work if its peers never are', async () => {
    const [own] = startBarriers(2)
    const client = clientOf(1, () => assert.fail('it has started'))
    assert.equal(await startTogether(own, client, test, () => Promise.resolve('ended')), 'ended')
  })

  it('is not started if it has ended while it waited', async () => {
    const [own, other] = startBarriers(2)
    let starts = 0
    const client = clientOf(2, () => (starts += 1))
    await startTogether(own, client, test, () => new Promise(setImmediate))
    other!.leave()
    await new Promise(setImmediate)
    assert.equal(starts, 0)
  })
})

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
    const three = [fakeRun(0, 0), shifted(1), early]
    assert.deepEqual(checkOverlap(three), three)
  })

  it('is no matter if a machine was lost: all runs lost it', () => {
    const lost = { testId: 'a', summary: null, failures: [], lost: 'n1 was lost' }
    const other = { testId: 'b', summary: null, failures: ['n2: the runner ended with code 1'] }
    assert.deepEqual(checkOverlap([lost, other]), [lost, { ...other, failures: [], lost: 'n1 was lost' }])
  })
})
