import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import type { TestState } from '../../protocol/test-life'
import type { LiveTest } from '../store/live-test'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { serve } from '../testing/test-server'
import { HandIn } from './hand-in'

describe('finishing a running test', () => {
  it('asks its peers to stop and keeps the final results that they then submit', async (t) => {
    const { client } = await serve(t)
    await client.createTest('mine', { started: true })
    for (const peer of ['a', 'b']) {
      assert.deepEqual(await client.peerReady('mine', peer), { state: 'running' })
      await client.submitPoint('mine', peer, samplePoint(peer, 0))
    }
    const finished = Promise.all([client.finishTest('mine'), client.finishTest('mine')])
    let answer = await client.submitPoint('mine', 'a', samplePoint('a', 1))
    for (let sequence = 2; answer.stop !== true; sequence++)
      answer = await client.submitPoint('mine', 'a', samplePoint('a', sequence))
    await client.submitPeerResults('mine', 'a', sampleResults(0, 0, 1))
    await client.submitPeerResults('mine', 'b', sampleResults(1, 0, 1))
    for (const { state, peers } of await finished)
      assert.deepEqual({ state, done: peers.done }, { state: 'finished', done: 2 })
  })

  it('waits for no peer whose runner has ended', async (t) => {
    const { client } = await serve(t)
    await client.createTest('mine', { started: true })
    await client.peerReady('mine', 'a')
    await client.submitPoint('mine', 'a', samplePoint('a', 0))
    await client.submitRunnerSample('mine', 'r', sampleRunner(0))
    await client.submitRunnerSample('mine', 'r', sampleRunner(1, { state: 'failed' }))
    assert.equal((await client.finishTest('mine')).peers.done, 0)
  })

  it('waits for a silent peer only as long as it may', async () => {
    const state = { state: 'running', runners: [], peers: { ready: 1, reporting: 1, done: 0 } }
    const test = Object.assign(new EventEmitter(), { state: () => state as unknown as TestState })
    await new HandIn(1).request(test as unknown as LiveTest)
    assert.equal(test.listenerCount('changed') + test.listenerCount('stored'), 0)
    const waiting = new HandIn(60_000).request(test as unknown as LiveTest)
    test.emit('stored')
    await waiting
  })
})
