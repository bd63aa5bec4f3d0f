import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sampleRunner } from '../testing/sample-data'
import { serve } from '../testing/test-server'

it('finishes a test whose runners have all ended, long before its time is over', async (t) => {
  const { client } = await serve(t, { overdueMs: 300 })
  await client.createTest('t', { started: true, duration: 3600 })
  await client.submitRunnerSample('t', 'one', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'two', sampleRunner(0, { state: 'running' }))
  await client.submitRunnerSample('t', 'one', sampleRunner(1, { state: 'failed' }))
  assert.equal((await client.getTest('t')).finished, false)
  await client.submitRunnerSample('t', 'two', sampleRunner(1, { state: 'finished' }))
  assert.equal((await client.waitForTest('t', 'finished')).finished, true)
})

it('hands out the document and the summary of a test that is just being finished', async (t) => {
  const { client } = await serve(t)
  await client.createTest('t', { started: true })
  const finished = client.finishTest('t')
  const [document, summary] = await Promise.all([client.getDocument('t'), client.getSummary('t')])
  assert.equal(document.id, 't')
  assert.equal(summary.testId, 't')
  await finished
})
