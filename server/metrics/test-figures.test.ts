import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Histogram } from '../../protocol/histogram'
import { samplePoint, sampleRunner } from '../testing/sample-data'
import type { LiveTest } from '../store/live-test'
import { serve } from '../testing/test-server'
import { TestFigures } from './test-figures'

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
  assert.deepEqual([kinds[2]?.counts.sent, wire.sentBytes, cpu.get('r')], [60, 72_000, 0.4])
})

it('serves what a running test adds up to as Prometheus reads it', async (t) => {
  const { client, url } = await serve(t)
  await client.createTest('t', { started: true })
  const read = async () => (await fetch(`${url}/metrics`)).text()
  await read()
  await client.submitPoints('t', [samplePoint('p', 0), samplePoint('p', 1), samplePoint('p', 2)])
  const text = await read()
  const valueOf = (name: string, labels: string) =>
    Number(new RegExp(`^catalyst_peer_${name}\\{${labels}\\} (.*)$`, 'm').exec(text)?.[1])
  assert.equal(valueOf('messages_sent_total', 'test="t",kind="chat"'), 60)
  assert.equal(valueOf('data_channel_sent_bytes_total', 'test="t"'), 72_000)
  // Each point has twelve latencies, of 0.9 to 9.9 ms.
  const latencies = (suffix: string, le = '') =>
    valueOf(`message_latency_seconds_${suffix}`, `test="t",kind="position"${le}`)
  const counts = [0.001, 0.002, 0.005, 0.01, 10, '\\+Inf'].map((le) => latencies('bucket', `,le="${le}"`))
  assert.deepEqual(counts, [3, 9, 30, 36, 36, 36])
  assert.equal(latencies('count'), 36)
  assert.ok(Math.abs(latencies('sum') / 36 - 0.005) < 0.002)
})

it('tells the traffic of older clients, which send only statistics of the library', () => {
  const figures = new TestFigures()
  const test = testOf('running')
  figures.of([test])
  const point = { peerId: 'p', sequence: 1, sent: 5, receivedBytes: 7 }
  figures.add(test, { points: [point], at: 0 })
  const [{ wire, kinds }] = figures.of([test]) as [ReturnType<TestFigures['of']>[number]]
  assert.deepEqual([wire.sent, wire.receivedBytes, kinds[0]?.counts.sent], [5, 7, 0])
})

it('keeps as much of a long test as of a short one: a scrape costs the same', () => {
  const figures = new TestFigures()
  const test = testOf('running')
  figures.of([test])
  const wide = new Histogram()
  for (let value = 0; value < 50_000; value++) wide.record(value)
  const point = samplePoint('p', 1)
  point.messages!.position.latency = wide.encode()
  figures.add(test, { points: [point], at: 0 })
  const { kinds } = figures.of([test])[0]!
  assert.equal(JSON.stringify(kinds).length < 2000, true)
  assert.equal(
    kinds[0]!.latencies.reduce((total, count) => total + count),
    50_000
  )
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
  assert.deepEqual([all.length, all[0]!.test, all[0]!.kinds[2]?.counts.sent], [1, young, 20])
})

it('tells of a running test, and of a finished one until it has been scraped', (t) => {
  let now = performance.now()
  t.mock.method(performance, 'now', () => now)
  const figures = new TestFigures()
  const test = testOf('running')
  figures.of([test])
  now += 301_000
  assert.equal(figures.of([]).length, 1)
  Object.assign(test.model, { state: 'finished' })
  figures.add(test, { finished: true, at: 0 })
  now += 299_000
  assert.equal(figures.of([]).length, 1)
  now += 2_000
  assert.equal(figures.of([]).length, 0)
})
