import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { after, before, describe, it } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import type { TestState } from '../../protocol/test-life'
import type { LiveTest } from '../store/live-test'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { serve, startServer, type Served } from '../testing/test-server'
import { handIn } from './hand-in'

it('A document that waits for the end of its test is the whole one', async (t) => {
  const { client, url } = await serve(t)
  await client.createTest('mine', { started: true })
  const waiting = fetch(`${url}/test/mine?dataPoints=true&waitFor=finished`)
  // The request is before the server once it answers this one.
  await client.submitPoint('mine', 'a', samplePoint('a', 0))
  await client.finishTest('mine')
  const { state, dataPoints } = (await (await waiting).json()) as ResultsDocument
  assert.deepEqual([state, dataPoints.length], ['finished', 1])
})

describe('finishing a running test', () => {
  let server: Served
  before(async () => {
    server = await startServer()
  })
  after(() => server.close())

  it('asks its peers to stop and keeps the final results that they then submit', async () => {
    await server.client.createTest('mine', { started: true })
    for (const peer of ['a', 'b']) {
      assert.deepEqual(await server.client.peerReady('mine', peer), { state: 'running' })
      await server.client.submitPoint('mine', peer, samplePoint(peer, 0))
    }
    const finished = Promise.all([server.client.finishTest('mine'), server.client.finishTest('mine')])
    let answer = await server.client.submitPoint('mine', 'a', samplePoint('a', 1))
    for (let sequence = 2; answer.stop !== true; sequence++)
      answer = await server.client.submitPoint('mine', 'a', samplePoint('a', sequence))
    await server.client.submitPeerResults('mine', 'a', sampleResults(0, 0, 1))
    await server.client.submitPeerResults('mine', 'b', sampleResults(1, 0, 1))
    for (const { state, peers } of await finished)
      assert.deepEqual({ state, done: peers.done }, { state: 'finished', done: 2 })
  })

  it('waits for peers that are ready, though they have not sent their first data point', async () => {
    await server.client.createTest('early', { started: true })
    await server.client.peerReady('early', 'a')
    await server.client.submitRunnerSample('early', 'r', sampleRunner(0))
    const finished = server.client.finishTest('early')
    let isStopped: true | undefined
    for (let sequence = 1; isStopped !== true; sequence++)
      isStopped = (await server.client.submitRunnerSample('early', 'r', sampleRunner(sequence))).stop
    await server.client.submitPeerResults('early', 'a', sampleResults(0, 0, 1))
    assert.equal((await finished).peers.done, 1)
  })

  it('waits for no peer whose runner has ended', async () => {
    await server.client.createTest('other', { started: true })
    await server.client.peerReady('other', 'a')
    await server.client.submitPoint('other', 'a', samplePoint('a', 0))
    await server.client.submitRunnerSample('other', 'r', sampleRunner(0))
    await server.client.submitRunnerSample('other', 'r', sampleRunner(1, { state: 'failed' }))
    assert.equal((await server.client.finishTest('other')).peers.done, 0)
  })

  it('waits for a silent peer only as long as it may', async (t) => {
    // The wait keeps no process alive, so without a server, real time would not pass here.
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const state = { state: 'running', runners: [], peers: { ready: 1, reporting: 1, done: 0 } }
    const test = Object.assign(new EventEmitter(), { state: () => state as unknown as TestState })
    const waiting = handIn(test as unknown as LiveTest, 1_000)
    t.mock.timers.tick(999)
    assert.equal(test.listenerCount('changed') + test.listenerCount('stored'), 2)
    t.mock.timers.tick(1)
    await waiting
    assert.equal(test.listenerCount('changed') + test.listenerCount('stored'), 0)
    const deleted = handIn(test as unknown as LiveTest, 1_000)
    test.emit('stored')
    await deleted
  })
})
