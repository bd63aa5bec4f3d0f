import assert from 'node:assert/strict'
import { it } from 'node:test'
import { samplePoint, sampleRunner } from '../testing/sample-data'
import type { LiveTest } from '../store/live-test'
import { LATENCY_EDGES, TestFigures } from './test-figures'

const testOf = (state: string) => ({ id: 't', model: { state } }) as unknown as LiveTest

it('adds up what tests receive from the first time that anybody asks', () => {
  const figures = new TestFigures()
  const test = testOf('running')
  figures.add(test, { points: [samplePoint('p', 0)], at: 0 })
  assert.deepEqual(figures.of([]), [])
  figures.add(test, { points: [samplePoint('p', 1), samplePoint('q', 1)], at: 0 })
  figures.add(test, { points: [samplePoint('p', 2)], at: 0 })
  figures.add(test, { runner: sampleRunner(0), runnerId: 'r', firstPeerNumber: 0, at: 0 })
  const [{ kinds, wire, cpu }] = figures.of([test]) as [ReturnType<TestFigures['of']>[number]]
  assert.deepEqual([kinds.chat.sent, wire.sentBytes, cpu.get('r')], [60, 72_000, 0.4])
  // Each point has twelve latencies, of 0.9 to 9.9 ms.
  assert.deepEqual(
    [...kinds.position.latencies].map((count, index) => count > 0 && LATENCY_EDGES[index]).filter(Boolean),
    [0.001, 0.002, 0.005, 0.01]
  )
  assert.equal(
    kinds.position.latencies.reduce((sum, count) => sum + count, 0),
    36
  )
  assert.ok(Math.abs(kinds.position.latencySum / 36 - 0.005) < 0.002)
})

it('tells no use of the cores of a runner that has ended', () => {
  const figures = new TestFigures()
  const test = testOf('running')
  const [{ cpu }] = figures.of([test]) as [ReturnType<TestFigures['of']>[number]]
  for (const state of ['running', 'finished'] as const)
    figures.add(test, { runner: sampleRunner(0, { state }), runnerId: 'r', firstPeerNumber: 0, at: 0 })
  assert.deepEqual([...cpu], [])
})

it('starts anew with a new test of the same id, and ignores what is not a histogram', () => {
  const figures = new TestFigures()
  const [old, young] = [testOf('finished'), testOf('running')]
  figures.of([old])
  const point = samplePoint('p', 0)
  point.messages!.chat.latency = '////'
  figures.add(young, { points: [point], at: 0 })
  const all = figures.of([young])
  assert.deepEqual([all.length, all[0]!.test, all[0]!.kinds.chat.sent], [1, young, 20])
})
