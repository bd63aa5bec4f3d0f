import assert from 'node:assert/strict'
import { readdirSync, symlinkSync } from 'node:fs'
import { it } from 'node:test'
import { ResultsClient } from '../../protocol/api-client'
import { pageOf } from '../store/test-files'
import { journalOf } from '../testing/files'
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

for (const [method, path] of [
  ['POST', '/test?started=true'],
  ['POST', '/test/mine?duration=30'],
  ['PUT', '/test/mine/start?warmup=0'],
  ['GET', '/time?since=0']
] as const)
  it(`refuses a query that would have no effect: ${method} ${path}`, async (t) => {
    const { url, client } = await serve(t)
    const response = await fetch(url + path, { method })
    const { message } = (await response.json()) as { message: string }
    const [, name] = /\?(\w+)=/.exec(path)!
    assert.deepEqual([response.status, message], [400, `The query: unknown field "${name}"`])
    assert.deepEqual(await client.listTests(), [])
  })

it('a restart keeps the page of a test; a later test of the same id has none', async (t) => {
  const first = await serve(t)
  const page = { index: '<!doctype html>\n', bundle: '' }
  await first.client.createTest('a')
  await first.client.putPage('a', { ...page, bundle: 'earlier()' })
  await first.client.putPage('a', page)
  await first.close()
  const { client, folder } = await serve(t, { folder: first.folder })
  assert.deepEqual(await client.getPage('a'), page)
  await client.finishTest('a')
  assert.deepEqual(readdirSync(folder), ['.results-server', 'a.json'])
  await client.deleteTest('a')
  await client.createTest('a')
  assert.equal(await client.getPage('a'), undefined)
})

it('a page that cannot be read is not called missing', async (t) => {
  const { client, folder } = await serve(t)
  await client.createTest('a')
  const path = pageOf(journalOf(folder, 'a')!)
  symlinkSync(path, path)
  await assert.rejects(client.getPage('a'), { status: 500 })
})
