/**
 * Whatever a caller sends and whatever is in the folder, the server never crashes, and no response blames the
 * server for it.
 */
import assert from 'node:assert/strict'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { z } from 'zod'
import { API, type Route } from '../protocol/api'
import { samplePoint, sampleResults, sampleRunner } from './testing/sample-data'
import { temporaryFolder } from './testing/temporary-folder'
import { serve, type Served } from './testing/test-server'
import { anyText } from '../protocol/testing/any-text'

const routes = Object.entries<Route>(API)

/** A valid body for every route that takes one: almost valid input gets further than nonsense. */
const RIGHT: Record<string, unknown> = {
  createTest: {
    expectedPeers: 3,
    duration: 60,
    warmup: 5,
    labels: { a: 'b' },
    thresholds: ['delivery.all>=0.5']
  },
  createTestWithId: { seed: 7 },
  putPage: { index: '<html>', bundle: 'run()' },
  submitPoint: { ...samplePoint('p', 1), peerId: undefined },
  submitPoints: [samplePoint('p', 1), samplePoint('q', 1)],
  submitPeerResults: sampleResults(1, 1e12, 2e12),
  submitTopology: { at: 1, source: 'peers', nodes: [{ id: 'a', connectedPeers: ['b'] }] },
  submitRunnerSample: sampleRunner(1)
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      '',
      'x',
      '__proto__',
      -1,
      -0,
      0.5,
      2 ** 53 - 1,
      2 ** 53,
      1e308,
      '\u0000',
      '\ud800',
      [],
      {}
    ],
    ...[[[[[[[[[[[]]]]]]]]]], 'x'.repeat(5_000), Array(300).fill(0)]
  ),
  anyText(),
  fc.jsonValue({ maxDepth: 3 })
)

/** The value with some of its parts, at any depth, replaced by something odd. */
function spoiled(right: unknown): fc.Arbitrary<unknown> {
  return fc.array(fc.tuple(fc.nat(), odd), { maxLength: 3 }).map((changes) => {
    const copy = { root: structuredClone(right) }
    for (const [where, shared] of changes) {
      const places = placesIn(copy)
      const [owner, key] = places[where % places.length]!
      // Cloned, because a later change may put one shared value into another, and so build a cycle.
      const value = structuredClone(shared)
      Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return copy.root
  })
}

function placesIn(owner: object): [object, string][] {
  return Object.entries(owner).flatMap(([key, value]) => [
    [owner, key] as [object, string],
    ...(typeof value === 'object' && value !== null ? placesIn(value as object) : [])
  ])
}

const id = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('run', 'created', 'done', 'p') },
  fc.constantFrom('nobody', '__proto__', '..', 'x'.repeat(65), '%00', 'é'),
  fc.string({ maxLength: 12 })
)

function queryOf(schema: z.ZodObject | undefined): fc.Arbitrary<string> {
  // Any query would be refused before what else the call has.
  if (!schema) return fc.constantFrom('', '', '', 'unknown=1')
  const names = [...Object.keys(schema.shape), 'unknown']
  const value = fc.oneof(
    fc.constantFrom('true', 'false', 'started', 'finished', '0', '17', '999999999999', '-1'),
    fc.string({ maxLength: 8 })
  )
  return fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 2 })
    .map((entries) => new URLSearchParams(entries).toString())
}

/** A random call of the route, with anything from almost valid input to nonsense. */
function callOf([name, route]: [string, Route]): fc.Arbitrary<{
  method: string
  path: string
  body?: string
}> {
  const parts = route.path
    .split('/')
    .map((part) => (part.startsWith(':') ? id.map(encodeURIComponent) : fc.constant(part)))
  const body =
    route.body === undefined
      ? fc.constant(undefined)
      : fc.oneof(
          spoiled(RIGHT[name]).map((value) => JSON.stringify(value) as string | undefined),
          fc.string({ maxLength: 50 }),
          fc.json()
        )
  return fc.tuple(fc.tuple(...parts), queryOf(route.query), body).map(([segments, query, text]) => ({
    method: route.method.toUpperCase(),
    path: `${segments.join('/')}?${query}`,
    ...(text !== undefined && { body: text })
  }))
}

async function prepared(t: Parameters<typeof serve>[0]): Promise<Served> {
  const server = await serve(t)
  await server.client.createTest('run', { started: true })
  await server.client.createTest('created')
  await server.client.createTest('done', { started: true })
  await server.client.finishTest('done')
  return server
}

describe('every route', () => {
  it('has a body to spoil if it takes one', () => {
    const takers = routes.filter(([, { body }]) => body !== undefined).map(([name]) => name)
    assert.deepEqual(takers.sort(), Object.keys(RIGHT).sort())
  })

  for (const entry of routes)
    it(`${entry[0]}: no answer of 500 and above`, async (t) => {
      const server = await prepared(t)
      await fc.assert(
        fc.asyncProperty(callOf(entry), async ({ method, path, body }) => {
          // Long polls and streams do not end on their own.
          const signal = AbortSignal.timeout(2_000)
          const headers = { 'Content-Type': 'application/json' }
          const response = await fetch(server.url + path, {
            method,
            signal,
            ...(body !== undefined && { body, headers })
          }).catch(() => undefined)
          if (!response) return
          assert.ok(response.status < 500, `${method} ${path} ${body ?? ''}: ${response.status}`)
          await response.body?.cancel()
        }),
        { numRuns: runsOf(entry[0]) }
      )
      assert.equal((await server.client.status()).ok, true)
    })
})

/** Fewer runs for calls that may wait: each then takes 2 s. */
const runsOf = (name: string) => (name === 'getTest' || name === 'getEvents' ? 15 : 40)

describe('every file in the folder', () => {
  const point = JSON.stringify({ point: { sent: 1 }, peerId: 'p', sequence: 1, at: 1.7e12 })
  const state = '{"id":"bad","state":"finished","createdAt":1}'
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(`${text}\n`)),
    fc
      .array(fc.constantFrom(point, state, `${state.slice(0, -1)},`, ']}', '', '{', 'null'), { maxLength: 5 })
      .map((lines) => Buffer.from(`${lines.join('\n')}\n`))
  )
  const name = fc.constantFrom(
    ...['bad.json', 'bad.journal', 'bad.json.tmp', 'bad.snapshot', '.relay.json', '.lock', 'other.json'],
    ...['x.relay.json', 'bad.0123456789abcdef.journal', 'index.html']
  )

  it('affects only its own test', async (t) => {
    const base = temporaryFolder()
    const first = await serve(t)
    await first.client.createTest('good', { started: true })
    await first.client.finishTest('good')
    await first.close()
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, content), { selector: ([file]) => file, maxLength: 4 }),
        async (files) => {
          const folder = join(base, `round${round++}`)
          cpSync(first.folder, folder, { recursive: true })
          for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes)
          const server = await serve(t, { folder })
          const list = await server.client.listTests()
          assert.ok(list.some(({ id, damage }) => id === 'good' && damage === undefined))
          assert.equal((await server.client.getDocument('good')).id, 'good')
          await server.close()
        }
      ),
      { numRuns: 10 }
    )
  })
})

it('lists a test with an incomplete file as such, and serves the others', async (t) => {
  const first = await serve(t)
  await first.client.createTest('good', { started: true })
  await first.client.finishTest('good')
  await first.close()
  writeFileSync(join(first.folder, 'bad.json'), '{"id":"bad","state":"finished"\n,"dataPoints":[\n]}\n')
  const server = await serve(t, { folder: first.folder })
  const list = await server.client.listTests()
  assert.deepEqual(list.map(({ id }) => id).sort(), ['bad', 'good'])
  assert.match(list.find(({ id }) => id === 'bad')!.damage!, /its file cannot be read: bad\.json: /)
  await server.client.deleteTest('bad')
  assert.deepEqual(
    (await server.client.listTests()).map(({ id }) => id),
    ['good']
  )
})
