import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sampleRunner } from '../testing/sample-data'
import { serve } from '../testing/test-server'

it('The list of tests comes in pages, newest first', async (t) => {
  const server = await serve(t)
  // Ids tell the order even if two are created in the same millisecond.
  for (const id of ['a', 'b', 'c', 'd', 'e']) await server.client.createTest(id)
  const all = (await server.client.listTests()).map(({ id }) => id)
  assert.deepEqual([...all].sort(), ['a', 'b', 'c', 'd', 'e'])

  const seen: string[] = []
  let next: string | undefined = '/test?limit=2'
  while (next !== undefined) {
    const response: Response = await fetch(server.url + next)
    const page = (await response.json()) as { id: string }[]
    assert.ok(page.length <= 2)
    seen.push(...page.map(({ id }) => id))
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  }
  assert.deepEqual(seen, all)
})

it('The list has no runners: a large test has thousands', async (t) => {
  const { client } = await serve(t)
  await client.createTest('large')
  await client.submitRunnerSample('large', 'r', sampleRunner(0))
  assert.deepEqual(Object.keys((await client.listTests())[0]!).includes('runners'), false)
  assert.equal((await client.getTest('large')).runners.length, 1)
})

it('A page can follow on a test that was deleted in the meantime', async (t) => {
  const { client, url } = await serve(t)
  for (const id of ['a', 'b', 'c']) await client.createTest(id)
  const [, second, third] = (await client.listTests()).map(({ id }) => id)
  const page = await fetch(`${url}/test?limit=2`)
  const next = /^<([^>]+)>/.exec(page.headers.get('link')!)![1]!
  await client.finishTest(second!)
  await client.deleteTest(second!)
  const rest = (await (await fetch(url + next)).json()) as { id: string }[]
  assert.deepEqual(
    rest.map(({ id }) => id),
    [third]
  )
})

for (const query of ['limit=0', 'limit=201', 'limit=x', 'before=unknown', 'before=..'])
  it(`The list refuses ${query}`, async (t) => {
    const server = await serve(t)
    const response = await fetch(`${server.url}/test?${query}`)
    assert.equal(response.status, 400)
    assert.equal(((await response.json()) as { field: string }).field, query.split('=')[0])
  })
