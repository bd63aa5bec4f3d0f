/**
 * Input from hostile or broken clients. The server refuses it in JSON, survives, and writes only to its
 * folder. Bodies, tokens and connections have their own tests in http/.
 */
import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RunnerProvenance } from '../protocol/runner-sample'
import { runningServer, send } from './testing/raw-request'
import { samplePoint, sampleRunner } from './testing/sample-data'
import { temporaryFolder } from './testing/temporary-folder'
import { serve, type Served } from './testing/test-server'

describe('the files of the dashboard', () => {
  const HEADERS: [name: string, value: string, status: number][] = [
    ['range', 'bytes=99999-', 416],
    ['if-match', '"other"', 412]
  ]
  for (const [name, value, status] of HEADERS)
    it(`answer ${status} to a header ${name} that they cannot meet`, async (t) => {
      const dashboardFolder = temporaryFolder()
      writeFileSync(join(dashboardFolder, 'index.html'), '<!doctype html>')
      const server = await serve(t, { dashboardFolder })
      assert.equal((await send(server, { path: '/', headers: { [name]: value } })).status, status)
    })

  it('are missed in a folder without them, which DASHBOARD_FOLDER may name', async (t) => {
    const dashboardFolder = temporaryFolder()
    writeFileSync(join(dashboardFolder, 'private.txt'), '')
    const { url } = await serve(t, { dashboardFolder })
    assert.match(await (await fetch(url)).text(), /no dashboard: .* correct DASHBOARD_FOLDER/)
    assert.equal((await fetch(`${url}/private.txt`)).status, 404)
  })

  it('are missed where somebody has removed them while the server runs', async (t) => {
    const dashboardFolder = temporaryFolder()
    const index = join(dashboardFolder, 'index.html')
    writeFileSync(index, '<!doctype html>')
    const { url } = await serve(t, { dashboardFolder })
    rmSync(index)
    assert.match(await (await fetch(url)).text(), /no dashboard: start it again/)
  })
})

describe('ids', () => {
  const BAD_IDS: [string, string][] = [
    ['dots', '..'],
    ['dots and slash, encoded', '..%2f..%2fetc%2fpasswd'],
    ['all encoded', '%2e%2e%2f%2e%2e%2fescape'],
    ['encoded twice', '%252e%252e%252f'],
    ['backslashes', '..%5c..%5cescape'],
    ['overlong UTF-8', '%c0%ae%c0%ae%c0%af'],
    ['full-width dots', '%ef%bc%8e%ef%bc%8e%ef%bc%8f'],
    ['NUL', 'x%00.json'],
    ['newline', 'x%0ay'],
    ['300 characters', 'x'.repeat(300)],
    ['a dot file', '.lock'],
    ['broken encoding', '%zz'],
    ['markup', '%3Cscript%3E']
  ]
  it('refuses invalid ids everywhere, and writes nothing outside its folder', async (t) => {
    const server = await runningServer(t)
    const outside = () => readdirSync(dirname(server.folder)).filter((name) => /escape|passwd/.test(name))
    for (const [name, id] of BAD_IDS)
      for (const [method, path, body] of [
        ['POST', `/test/${id}`, ''],
        ['GET', `/test/${id}`, ''],
        ['DELETE', `/test/${id}`, ''],
        ['GET', `/comparison/${id}`, ''],
        ['GET', `/comparison/${id}/report`, ''],
        ['PUT', `/test/run/peer/${id}/metrics`, '{"sent":1}'],
        ['PUT', `/test/run/runner/${id}/metrics`, '{}']
      ] as const) {
        const { status } = await send(server, { method, path, body })
        assert.ok(status === 400 || status === 404, `${name}: ${method} ${path} → ${status}`)
      }
    assert.deepEqual(outside(), [])
    const [own, journal, ...others] = readdirSync(server.folder).sort()
    assert.equal(own, '.results-server')
    assert.match(journal!, /^run\.[0-9a-f]{16}\.journal$/)
    assert.deepEqual(others, [])
  })

  it('treats __proto__ and the like as ordinary unknown ids', async (t) => {
    const server = await runningServer(t)
    for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      assert.equal((await send(server, { path: `/test/${id}` })).body.error, 'test-not-found', id)
      assert.equal((await send(server, { method: 'POST', path: `/test/${id}` })).status, 201, id)
      await server.client.submitPoint('run', id, { sequence: 0, sent: 1 })
    }
    const { dataPoints } = await server.client.getDocument('run')
    assert.equal(dataPoints.length, 5)
    assert.equal(({} as Record<string, unknown>).sent, undefined, 'no prototype was touched')
  })
})

describe('sequences', () => {
  it('that are exhausted refuse points without a number, instead of losing them', async (t) => {
    const { client } = await serve(t)
    await client.createTest('seq', { started: true })
    await client.submitPoint('seq', 'p', { sequence: Number.MAX_SAFE_INTEGER, sent: 1 })
    for (let i = 0; i < 4; i++)
      await assert.rejects(client.submitPoint('seq', 'p', { sent: 1 }), {
        status: 400,
        code: 'sequence-used-up'
      })
    await client.submitPoint('seq', 'p', { sequence: 3, sent: 1 })
    assert.equal((await client.finishTest('seq')).dataPointCount, 2)
  })

  it('of refused batches do not count towards the limit of peers', async (t) => {
    const { client } = await serve(t)
    await client.createTest('peers', { started: true })
    // Each batch contains 999 new peers, then a point that leaves too many gaps.
    const gaps = Array.from({ length: 1_001 }, (_, index) => ({
      peerId: 'gaps',
      sequence: 2 * index,
      sent: 1
    }))
    await client.submitPoints('peers', gaps.slice(0, 1_000))
    for (let batch = 0; batch < 22; batch++) {
      const others = Array.from({ length: 999 }, (_, index) => ({
        peerId: `b${batch}p${index}`,
        sequence: 0,
        sent: 1
      }))
      await assert.rejects(client.submitPoints('peers', [...others, gaps[1_000]!]), { code: 'too-many-gaps' })
    }
    await client.submitPoint('peers', 'late', { sent: 1 })
    const { peers, dataPointCount } = await client.getTest('peers')
    assert.deepEqual([peers.reporting, dataPointCount], [2, 1_001])
  })
})

it('tells browsers not to guess content types', async (t) => {
  const server = await serve(t)
  for (const path of ['/status', '/test', '/test/unknown', '/nowhere'])
    assert.equal((await fetch(server.url + path)).headers.get('x-content-type-options'), 'nosniff', path)
})

it('refuses a runner with more peers than a test allows', async (t) => {
  const server = await runningServer(t)
  const body = JSON.stringify(sampleRunner(0, { peers: { wanted: 2 ** 53 - 1, ready: 0, done: 0 } }))
  const answer = await send(server, { method: 'PUT', path: '/test/run/runner/r/metrics', body })
  assert.deepEqual([answer.status, answer.body.field], [400, 'peers.wanted'])
})

describe('provenance', () => {
  const LONG = 'x'.repeat(1_024)
  const provenance = (outages: number): RunnerProvenance => ({
    browser: 'Chrome/156.0.8078.79',
    cpuModel: 'AMD EPYC 9B45',
    cores: 2,
    os: 'Linux 6.1.0',
    node: 'v20.19.0',
    lighthouse: { url: LONG, name: LONG, version: LONG, commitHash: LONG, catalystVersion: LONG },
    peersPerTab: 10,
    network: LONG,
    outages: Array.from({ length: outages }, (_, index) => ({ from: index + 0.5, until: index + 0.75 }))
  })
  const submit = async ({ client }: Served, runner: number, outages: number) =>
    client.submitRunnerSample('run', `r${runner}`, sampleRunner(0, { provenance: provenance(outages) }))

  it('of many runners is kept', async (t) => {
    const server = await runningServer(t)
    for (let runner = 0; runner < 100; runner++) await submit(server, runner, 100)
    assert.equal((await server.client.getTest('run')).runners.length, 100)
  })

  it('that would fill every state of the test is refused', async (t) => {
    const server = await runningServer(t)
    const fill = async () => {
      for (let runner = 0; runner < 200; runner++) await submit(server, runner, 500)
    }
    await assert.rejects(fill, { status: 413, code: 'too-much-provenance', field: 'provenance' })
    const { runners } = await server.client.getTest('run')
    assert.ok(JSON.stringify(runners).length < 2_200_000)
    // One with less takes the place of one with more, and one without takes none.
    await submit(server, 0, 0)
    await submit(server, 1_000, 0)
    await server.client.submitRunnerSample('run', 'without', sampleRunner(0))
    assert.equal((await server.client.getTest('run')).runners.length, runners.length + 2)
  })
})

describe('any request', () => {
  it('is answered in JSON, and never ends the server', async (t) => {
    const server = await runningServer(t)
    const segment = fc.oneof(
      fc.constantFrom(
        'test',
        'run',
        'peer',
        'p',
        'runner',
        'metrics',
        'start',
        'finish',
        'events',
        'topology',
        'results',
        'ready'
      ),
      fc.string({ maxLength: 20 }).map(encodeURIComponent)
    )
    const body = fc.option(
      fc.oneof(fc.json(), fc.string(), fc.constant(JSON.stringify([samplePoint('p', 0)]))),
      { nil: undefined }
    )
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH')
    await fc.assert(
      fc.asyncProperty(methods, fc.array(segment, { maxLength: 5 }), body, async (method, segments, text) => {
        // An event stream does not end.
        if (segments.includes('events')) return
        const path = `/${segments.join('/')}`
        const { status, type } = await send(server, {
          method,
          path,
          ...(text !== undefined && { body: text })
        })
        assert.ok(status < 500, `${method} ${path} ${text ?? ''}`)
        // Three responses are not JSON: an empty one, the line about the dashboard, and Prometheus' text.
        if (type !== 'application/json; charset=utf-8')
          assert.ok(status === 204 || /^\/+(metrics\/?)?$/i.test(path), `${method} ${path}: ${type ?? ''}`)
      }),
      { numRuns: 300 }
    )
    assert.equal((await server.client.status()).ok, true)
  })
})
