/** What a hostile or broken client can send. The server refuses it in JSON, survives, and keeps to its folder. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { ErrorAnswer } from '../protocol/api-answers'
import { samplePoint } from './testing/sample-data'
import { serve, type Served } from './testing/test-server'

interface Answer {
  status: number
  body: ErrorAnswer & Record<string, unknown>
  type: string | undefined
}

interface Sent {
  method?: string
  path: string
  body?: string | Buffer
  headers?: Record<string, string>
}

/** By node:http: fetch would put paths and headers right. Every answer must be JSON without a stack trace. */
function send(
  { url }: Pick<Served, 'url'>,
  { method = 'GET', path, body, headers = {} }: Sent
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  // Node sends the body of a GET without its length, and the server would read it as the next request.
  const type =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { hostname, port, method, path, headers: { ...type, ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.once('end', () => {
          assert.doesNotMatch(text, /\n\s+at |node_modules/, 'no stack trace')
          const status = response.statusCode!
          const isJson = (response.headers['content-type'] ?? '').includes('json')
          resolve({
            status,
            body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
            type: response.headers['content-type']
          })
        })
      }
    )
    call.once('error', reject)
    call.end(body)
  })
}

async function runningServer(t: Parameters<typeof serve>[0]): Promise<Served> {
  const server = await serve(t)
  await server.client.createTest('run', { started: true })
  return server
}

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
  it('refuses what is no id, wherever one stands, and writes nothing outside its folder', async (t) => {
    const server = await runningServer(t)
    const outside = () => readdirSync(dirname(server.folder)).filter((name) => /escape|passwd/.test(name))
    for (const [name, id] of BAD_IDS)
      for (const [method, path, body] of [
        ['POST', `/test/${id}`, ''],
        ['GET', `/test/${id}`, ''],
        ['DELETE', `/test/${id}`, ''],
        ['PUT', `/test/run/peer/${id}/metrics`, '{"sent":1}'],
        ['PUT', `/test/run/runner/${id}/metrics`, '{}']
      ] as const) {
        const { status } = await send(server, { method, path, body })
        assert.ok(status === 400 || status === 404, `${name}: ${method} ${path} → ${status}`)
      }
    assert.deepEqual(outside(), [])
    assert.deepEqual(readdirSync(server.folder).sort(), ['.lock', 'run.journal'])
  })

  it('takes __proto__ and its friends for ordinary unknown ids', async (t) => {
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

describe('bodies', () => {
  const point = { peerId: 'p', sequence: 0 }
  const REFUSED: [string, Omit<Sent, 'path'>, number, string, string?][] = [
    ['2 MB', { body: `[${'1'.repeat(2e6)}]` }, 413, 'body-too-large'],
    [
      '2 MB in a small gzip',
      { body: gzipSync('1'.repeat(2e6)), headers: { 'content-encoding': 'gzip' } },
      413,
      'body-too-large'
    ],
    ['no gzip at all', { body: 'abc', headers: { 'content-encoding': 'gzip' } }, 400, 'bad-request'],
    ['an unknown encoding', { body: 'abc', headers: { 'content-encoding': 'zip' } }, 415, 'unknown-encoding'],
    ['nested 200,000 deep', { body: '['.repeat(2e5) + ']'.repeat(2e5) }, 400, 'bad-body'],
    ['malformed', { body: '[{"peerId":' }, 400, 'bad-json'],
    ['NaN', { body: '[{"peerId":"p","sequence":0,"sent":NaN}]' }, 400, 'bad-json'],
    ['empty', { body: '' }, 400, 'bad-body'],
    [
      'of a form',
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'not-json'
    ],
    ['text', { body: '[]', headers: { 'content-type': 'text/plain' } }, 415, 'not-json'],
    ['no array', { body: '{}' }, 400, 'bad-body', ''],
    ['an empty batch', { body: '[]' }, 400, 'bad-body', ''],
    ['1,001 points', { body: JSON.stringify(Array(1001).fill(point)) }, 400, 'bad-body', ''],
    ['1e999', { body: '[{"peerId":"p","sequence":0,"sent":1e999}]' }, 400, 'bad-body', '[0].sent'],
    ['a negative count', { body: JSON.stringify([{ ...point, sent: -1 }]) }, 400, 'bad-body', '[0].sent'],
    [
      'text for a number',
      { body: JSON.stringify([point, { ...point, sequence: '1' }]) },
      400,
      'bad-body',
      '[1].sequence'
    ],
    [
      'a bad peer id',
      { body: JSON.stringify([{ ...point, peerId: '../x' }]) },
      400,
      'bad-body',
      '[0].peerId'
    ],
    [
      'a fraction as a count',
      { body: JSON.stringify([{ ...point, sendErrors: 0.5 }]) },
      400,
      'bad-body',
      '[0].sendErrors'
    ],
    [
      'a long group',
      { body: JSON.stringify([{ ...point, group: 'x'.repeat(65) }]) },
      400,
      'bad-body',
      '[0].group'
    ]
  ]
  for (const [name, sent, status, code, field] of REFUSED)
    it(`refuses a batch that is ${name}`, async (t) => {
      const server = await runningServer(t)
      const answer = await send(server, { method: 'POST', path: '/test/run/metrics', ...sent })
      assert.equal(answer.status, status)
      assert.equal(answer.body.error, code)
      if (field !== undefined) assert.equal(answer.body.field, field)
      assert.equal((await server.client.getTest('run')).dataPointCount, 0)
    })

  it('drops fields that the contract does not know, and keeps the rest', async (t) => {
    const server = await runningServer(t)
    const body = '[{"peerId":"p","sequence":0,"sent":1,"__proto__":{"x":1},"evil":"y","constructor":2}]'
    assert.equal((await send(server, { method: 'POST', path: '/test/run/metrics', body })).status, 200)
    const [stored] = (await server.client.getDocument('run')).dataPoints
    assert.deepEqual(stored?.metrics, { sent: 1 })
  })

  it('accepts gzip, and newlines between the fields', async (t) => {
    const server = await runningServer(t)
    const body = gzipSync(JSON.stringify([samplePoint('p', 0)], null, 2))
    const headers = { 'content-encoding': 'gzip' }
    assert.equal(
      (await send(server, { method: 'POST', path: '/test/run/metrics', body, headers })).status,
      200
    )
    assert.equal((await server.client.getDocument('run')).dataPoints.length, 1)
  })

  it('names the threshold that it cannot read', async (t) => {
    const server = await serve(t)
    const body = '{"thresholds":["delivery.position >= 0.99","nonsense"]}'
    const answer = await send(server, { method: 'POST', path: '/test', body })
    assert.equal(answer.status, 400)
    assert.equal(answer.body.field, 'thresholds[1]')
  })

  it('refuses more gaps in a sequence than it will remember', async (t) => {
    const server = await runningServer(t)
    const odd = (first: number) =>
      Array.from({ length: 900 }, (_, i) => ({ peerId: 'p', sequence: 2 * (first + i) }))
    await server.client.submitPoints('run', odd(0))
    await assert.rejects(server.client.submitPoints('run', odd(900)), { code: 'too-many-gaps' })
    assert.equal((await server.client.getTest('run')).dataPointCount, 900)
  })
})

describe('tokens', () => {
  it('opens each call to those who may, and to no one else', async (t) => {
    const server = await serve(t, { controlToken: 'control-secret', submitToken: 'submit-secret' })
    await server.client.createTest('run', { started: true })
    const as = (token?: string): Record<string, string> =>
      token === undefined ? {} : { authorization: `Bearer ${token}` }
    const metrics = { method: 'PUT', path: '/test/run/peer/p/metrics', body: '{"sent":1}' }
    const ROWS: [Sent, string | undefined, number][] = [
      [metrics, undefined, 401],
      [metrics, 'wrong', 401],
      [metrics, 'control-secre', 401],
      [metrics, 'submit-secret', 200],
      [metrics, 'control-secret', 200],
      [{ path: '/test/run' }, 'submit-secret', 200],
      [{ path: '/test/run?dataPoints=true' }, 'submit-secret', 403],
      [{ path: '/test' }, 'submit-secret', 403],
      [{ path: '/test/run/events' }, 'submit-secret', 403],
      [{ method: 'PUT', path: '/test/run/finish' }, 'submit-secret', 403],
      [{ method: 'POST', path: '/test/other' }, 'submit-secret', 403],
      [{ path: '/test/run?token=control-secret' }, undefined, 401],
      [{ path: '/status' }, undefined, 200],
      [{ path: '/time' }, undefined, 200],
      // The token says who calls; it makes up for a foreign name and page.
      [
        { ...metrics, headers: { host: 'results-server:9904', origin: 'https://page.example' } },
        'submit-secret',
        200
      ],
      [{ ...metrics, headers: { host: 'results-server:9904' } }, undefined, 403],
      [{ ...metrics, headers: { origin: 'https://page.example' } }, undefined, 403]
    ]
    for (const [sent, token, status] of ROWS) {
      const answer = await send(server, { ...sent, headers: { ...sent.headers, ...as(token) } })
      assert.equal(answer.status, status, `${sent.method ?? 'GET'} ${sent.path} as ${token ?? 'nobody'}`)
    }
    const preflight = await send(server, {
      method: 'OPTIONS',
      path: '/test/run',
      headers: { origin: 'https://page.example' }
    })
    assert.equal(preflight.status, 204)
  })

  it('does not start on an address of others without a token', async (t) => {
    await assert.rejects(serve(t, { host: '0.0.0.0' }), /RESULTS_SERVER_TOKEN/)
  })
})

describe('foreign pages', () => {
  const ROWS: [string, Record<string, string>, number][] = [
    ['no Origin (curl)', {}, 200],
    ['a page on this machine', { origin: 'http://localhost:7654' }, 200],
    ['a page that was allowed', { origin: 'https://tests.example' }, 200],
    ['a foreign page', { origin: 'https://evil.example' }, 403],
    ['a page of a name that begins like ours', { origin: 'http://localhost.evil.example' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a foreign name (DNS rebinding)', { host: 'evil.example' }, 403],
    ['a foreign name, as its own origin', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['a name that was allowed', { host: 'results-server:9904' }, 200]
  ]
  for (const [name, headers, status] of ROWS)
    it(`${status === 200 ? 'serves' : 'refuses'} ${name}`, async (t) => {
      const server = await serve(t, {
        allowedOrigins: ['https://tests.example'],
        allowedHosts: ['results-server']
      })
      const answer = await send(server, { path: '/test', headers })
      assert.equal(answer.status, status)
      const preflight = await send(server, { method: 'OPTIONS', path: '/test/x/finish', headers })
      assert.equal(preflight.status, status === 200 ? 204 : status)
    })
})

describe('connections', () => {
  it('serves others while a thousand send their requests a byte at a time', async (t) => {
    const server = await runningServer(t)
    const { port } = new URL(server.url)
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('POST /test/run/metrics HTTP/1.1\r\nHost: localhost\r\nX-A: ')
      )
      socket.on('error', () => undefined).resume()
      return socket
    })
    const closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    )
    for (let sequence = 0; sequence < 20; sequence++)
      await server.client.submitPoint('run', 'p', { sequence, sent: 1 })
    assert.equal((await server.client.getTest('run')).dataPointCount, 20)
    await closed
  })

  it('bounds the streams of events', async (t) => {
    const server = await runningServer(t)
    const abort = new AbortController()
    const open = () => fetch(`${server.url}/test/run/events`, { signal: abort.signal })
    const streams = await Promise.all(Array.from({ length: 1000 }, open))
    assert.ok(streams.every(({ status }) => status === 200))
    assert.equal((await open()).status, 503)
    await server.client.submitPoint('run', 'p', { sequence: 0, sent: 1 })
    const reader = streams[999]!.body!.getReader()
    let text = ''
    while (!text.includes('event: points')) text += new TextDecoder().decode((await reader.read()).value)
    abort.abort()
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
        // A stream of events does not end.
        if (segments.includes('events')) return
        const path = `/${segments.join('/')}`
        const { status, type } = await send(server, {
          method,
          path,
          ...(text !== undefined && { body: text })
        })
        assert.ok(status < 500, `${method} ${path} ${text ?? ''}`)
        // What is no JSON: nothing at all, or the line about the dashboard.
        if (type !== 'application/json; charset=utf-8')
          assert.ok(status === 204 || path === '/', `${method} ${path}: ${type ?? ''}`)
      }),
      { numRuns: 300 }
    )
    assert.equal((await server.client.status()).ok, true)
  })
})
