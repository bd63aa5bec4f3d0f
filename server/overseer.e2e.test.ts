import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { samplePoint, sampleRunner } from './testing/sample-data'
import { serve } from './testing/test-server'

it('finishes a test once all its runners have ended, long before its time is over', async (t) => {
  const { client } = await serve(t, { overdueMs: 300 })
  await client.createTest('t', { started: true, duration: 3600 })
  await client.peerReady('t', 'p')
  await client.submitRunnerSample('t', 'one', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'two', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'one', sampleRunner(1, { state: 'failed' }))
  assert.equal((await client.getTest('t')).state, 'running')
  await client.submitRunnerSample('t', 'two', sampleRunner(1, { state: 'finished' }))
  assert.equal((await client.waitForTest('t', 'finished')).state, 'finished')
})

it('lets no runner end a test whose peers still report', async (t) => {
  const { client } = await serve(t, { overdueMs: 1_000 })
  await client.createTest('t', { started: true })
  await client.submitRunnerSample('t', 'fake', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'fake', sampleRunner(1, { state: 'finished' }))
  await client.submitRunnerSample('t', 'other', sampleRunner(0, { state: 'finished' }))
  const begun = performance.now()
  for (let sequence = 0; performance.now() - begun < 2_500; sequence++) {
    await client.submitPoint('t', 'p', samplePoint('p', sequence))
    await delay(20)
  }
  assert.equal((await client.getTest('t')).state, 'running')
  // Once the peers are silent as well, the test ends.
  assert.equal((await client.waitForTest('t', 'finished')).state, 'finished')
})

it('lets no runner end a test without peers', async (t) => {
  const { client } = await serve(t, { overdueMs: 100 })
  await client.createTest('t', { started: true })
  await client.submitRunnerSample('t', 'fake', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'fake', sampleRunner(1, { state: 'finished' }))
  await delay(1_500)
  assert.equal((await client.getTest('t')).state, 'running')
})

it('lets a runner that was never active end nothing', async (t) => {
  const { client } = await serve(t, { overdueMs: 100 })
  await client.createTest('t', { started: true })
  await client.submitRunnerSample('t', 'fake', sampleRunner(0, { state: 'finished' }))
  await delay(1_500)
  assert.equal((await client.getTest('t')).state, 'running')
})

it('serves the document and the summary of a test that is being finished', async (t) => {
  const { client } = await serve(t)
  await client.createTest('t', { started: true })
  const finished = client.finishTest('t')
  const [document, summary] = await Promise.all([client.getDocument('t'), client.getSummary('t')])
  assert.equal(document.id, 't')
  assert.equal(summary.testId, 't')
  await finished
})
