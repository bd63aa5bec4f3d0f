import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ResultsClient } from '../../protocol/api-client'
import { serve } from '../testing/test-server'

it('a test brings its page, which holders of the control token alone may give it', async (t) => {
  const { url, client } = await serve(t, { controlToken: 'control', submitToken: 'submit' })
  const runner = new ResultsClient({ url, token: 'submit', retries: 0 })
  const page = { index: '<!doctype html>\n', bundle: `/* ${'x'.repeat(300_000)} */` }
  await client.createTest('a')
  assert.equal(await runner.getPage('a'), undefined)
  await assert.rejects(runner.putPage('a', page), { status: 403 })
  await client.putPage('a', page)
  assert.deepEqual(await runner.getPage('a'), page)
  await assert.rejects(client.putPage('b', page), { status: 404 })
})

it('a later test of the same id has no page', async (t) => {
  const { client } = await serve(t)
  await client.createTest('a')
  await client.putPage('a', { index: '<!doctype html>\n', bundle: '' })
  await client.finishTest('a')
  await client.deleteTest('a')
  await client.createTest('a')
  assert.equal(await client.getPage('a'), undefined)
})
