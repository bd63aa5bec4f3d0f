/** The OpenAPI document, the table of calls and the server's responses agree. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Router } from 'express'
import { API, type Route, type RouteName } from '../protocol/api'
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
  responses: Record<string, unknown>
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

describe('/openapi.json', () => {
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

describe('every call', () => {
  it('answers with the status and the shape of the contract', async (t) => {
    const { url, client, folder } = await serve(t)
    storeComparison(folder, 'compared')
    await client.createTest('shape', {
      expectedPeers: 5,
      duration: 60,
      thresholds: ['delivery.position >= 0.99']
    })
    const now = Date.now()
    const BODIES: Partial<Record<RouteName, unknown>> = {
      createTest: {},
      createTestWithId: { labels: { library: 'layers' } },
      putPage: { index: '<html>', bundle: 'run()' },
      submitPoint: { sent: 1 },
      submitPoints: [samplePoint('p', 7)],
      submitPeerResults: sampleResults(0, now, now + 1),
      submitTopology: { at: now, source: 'peers', nodes: [{ id: 'p', connectedPeers: ['q'] }] },
      submitRunnerSample: sampleRunner(0)
    }
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
      const body = BODIES[name]
      const response = await fetch(url + path, {
        method: route.method.toUpperCase(),
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' }
        })
      })
      assert.equal(response.status, route.status, name)
      const { answer } = route
      if (answer && 'mediaType' in answer)
        assert.ok(response.headers.get('content-type')?.startsWith(answer.mediaType), name)
      else if (answer) answer.parse(await response.json())
      if (name === 'submitRunnerSample') resultsDocumentSchema.parse(await client.getDocument('shape'))
    }
  })
})
