/** The OpenAPI document, the table of calls and the server's responses agree. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Router } from 'express'
import { API, type Route, type RouteName } from '../protocol/api'
import { makeOpenApi } from './openapi'
import { resultsDocumentSchema } from '../protocol/results-document'
import { AccessControl } from './http/access'
import { registerRoutes, type Handlers } from './http/register'
import { storeComparison } from './testing/comparisons'
import { sampleResults, samplePoint, sampleRunner } from './testing/sample-data'
import { serve } from './testing/test-server'

interface Operation {
  operationId: string
  parameters: { name: string; in: string }[]
  requestBody?: unknown
  responses: Record<string, { description: string }>
}
interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

/** Every route that Express serves, in the form "get /test/{testId}". */
function registered(): string[] {
  const router = Router()
  const access = new AccessControl({ host: '127.0.0.1', allowedOrigins: [], allowedHosts: [] })
  const handlers = Object.fromEntries(
    Object.keys(API).map((name) => [name, () => undefined])
  ) as unknown as Handlers
  registerRoutes(router, access, handlers)
  return router.stack.flatMap(({ route }) =>
    route ? route.stack.map(({ method }) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`) : []
  )
}

const OPERATIONS = Object.values((makeOpenApi('') as unknown as Document).paths).flatMap((methods) =>
  Object.values(methods)
)

/** As "403 foreign-page". */
const refusalsOf = ({ responses }: Operation) =>
  Object.entries(responses).flatMap(([status, { description }]) =>
    description.split(', ').map((code) => `${status} ${code}`)
  )

/** Every refusal in the server's sources, those before any route (http/connections.ts) among them. */
function thrown(): string[] {
  const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name)
  )
  const texts = sources.map((name) => readFileSync(join(__dirname, name), 'utf8'))
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:new Refusal\(\s*|\[')(\d{3})(?:,| [^']+',)\s*'([a-z-]+)'/g)].map(
      ([, status, code]) => `${status} ${code}`
    )
  )
}

describe('/openapi.json', () => {
  it('names for each call that it refuses a query that it does not take', () => {
    for (const operation of OPERATIONS) assert.ok(refusalsOf(operation).includes('400 bad-query'))
  })

  it('names every refusal', () => {
    const all = thrown()
    assert.ok(all.length > 30)
    const named = new Set(OPERATIONS.flatMap(refusalsOf))
    // Of what is no call.
    named.add('404 no-such-call')
    assert.deepEqual(
      all.filter((refusal) => !named.has(refusal)),
      []
    )
  })

  it('tells of damaged files only where a test is looked up', () => {
    for (const operation of OPERATIONS) {
      const codes = refusalsOf(operation)
      if (codes.includes('500 test-corrupt'))
        assert.ok(codes.includes('404 test-not-found'), operation.operationId)
    }
  })

  it('describes exactly the routes that exist', async (t) => {
    const { url } = await serve(t)
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
    assert.equal(document.openapi, '3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`)
    )
    assert.deepEqual(described.sort(), registered().sort())
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
        const inPath = operation.parameters
          .filter((parameter) => parameter.in === 'path')
          .map(({ name }) => name)
        assert.deepEqual(inPath, named)
      }
  })
})

function bodies(now = Date.now()): Partial<Record<RouteName, unknown>> {
  return {
    createTest: {},
    createTestWithId: { labels: { library: 'layers' } },
    putPage: { index: '<html>', bundle: 'run()' },
    submitPoint: { sent: 1 },
    submitPoints: [samplePoint('p', 7)],
    submitPeerResults: sampleResults(0, now, now + 1),
    submitTopology: { at: now, source: 'peers', nodes: [{ id: 'p', connectedPeers: ['q'] }] },
    submitRunnerSample: sampleRunner(0)
  }
}

describe('every call', () => {
  it('answers with the status and the shape of the contract', async (t) => {
    const { url, client, folder } = await serve(t)
    storeComparison(folder, 'compared')
    await client.createTest('shape', {
      expectedPeers: 5,
      duration: 60,
      thresholds: ['delivery.position >= 0.99']
    })
    const all = bodies()
    const ORDER: RouteName[] = [
      'createTest',
      'createTestWithId',
      'putPage',
      'getPage',
      'peerReady',
      'startTest',
      'submitPoint',
      'submitPoints',
      'submitPeerResults',
      'submitTopology',
      'submitRunnerSample',
      'getTest',
      'getSummary',
      'listTests',
      'listComparisons',
      'getComparison',
      'getComparisonReport',
      'getTime',
      'getStatus',
      'getMetrics',
      'getOpenApi',
      'finishTest',
      'getEvents',
      'deleteTest'
    ]
    assert.deepEqual([...ORDER].sort(), Object.keys(API).sort(), 'each is called')
    for (const name of ORDER) {
      const route: Route = API[name]
      const id = name === 'createTestWithId' ? 'made' : 'shape'
      const path = route.path
        .replace(':testId', id)
        .replace(':peerId', 'p')
        .replace(':runnerId', 'r')
        .replace(':comparisonId', 'compared')
      const body = all[name]
      const response = await fetch(url + path, {
        method: route.method.toUpperCase(),
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' }
        })
      })
      assert.equal(response.status, route.status ?? 200, name)
      const { answer } = route
      if (answer && 'mediaType' in answer)
        assert.ok(response.headers.get('content-type')?.startsWith(answer.mediaType), name)
      else if (answer) answer.parse(await response.json())
      if (name !== 'submitRunnerSample') continue
      const given = resultsDocumentSchema.parse(await client.getDocument('shape'))
      const lists = [given.runnerSamples, given.topologies, given.dataPoints]
      assert.deepEqual([given.summary?.peers.done, Object.keys(given.peerResults)], [1, ['p']])
      assert.deepEqual(
        lists.map(({ length }) => length),
        [1, 1, 2]
      )
    }
  })

  it('refuses a finished test as the contract says', async (t) => {
    const { url, client } = await serve(t)
    await client.createTest('done')
    await client.finishTest('done')
    for (const [name, { method, path }] of Object.entries(API)) {
      if (!path.startsWith('/test/:testId') || method === 'delete') continue
      const response = await fetch(url + path.replace(':testId', 'done').replace(/:\w+/, 'x'), {
        method: method.toUpperCase(),
        ...(method !== 'get' && {
          body: JSON.stringify(bodies()[name as RouteName] ?? {}),
          headers: { 'content-type': 'application/json' }
        })
      })
      if (response.ok) continue
      const { error } = (await response.json()) as { error: string }
      const operation = OPERATIONS.find(({ operationId }) => operationId === name)!
      assert.ok(refusalsOf(operation).includes(`${response.status} ${error}`), `${name}: ${error}`)
    }
  })
})
