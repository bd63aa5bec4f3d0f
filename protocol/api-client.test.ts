import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { ResultsClient, UnreachableError } from './api-client'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers the nth request with the nth handler, and all further requests with the last one. */
async function answering(
  t: TestContext,
  ...handlers: Handler[]
): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    // Node 20's fetch would clear the timer of an idle connection with a later test's mocked clearTimeout.
    response.shouldKeepAlive = false
    requests.push(
      `${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? ''}`.trim()
    )
    handlers[Math.min(requests.length, handlers.length) - 1]!(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

const json =
  (status: number, body: unknown): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
const cutOff: Handler = (request) => request.socket.destroy()

describe('ResultsClient', () => {
  it('retries what may be repeated: no answer, too slow, too busy, a full disk', async (t) => {
    for (const trouble of [
      cutOff,
      json(408, {}),
      json(503, {}),
      json(507, { error: 'disk-full', message: 'full' })
    ]) {
      const server = await answering(t, trouble, trouble, json(200, { state: 'running' }))
      const client = new ResultsClient({ url: server.url })
      assert.deepEqual(await client.submitPoints('t', []), { state: 'running' })
      assert.equal(server.requests.length, 3)
    }
  })

  it('does not repeat a start, or what the server refuses', async (t) => {
    const lost = await answering(t, cutOff)
    await assert.rejects(new ResultsClient({ url: lost.url }).startTest('t'), UnreachableError)
    assert.equal(lost.requests.length, 1)
    const unanswered = await answering(t, cutOff)
    const client = new ResultsClient({ url: unanswered.url, retries: 1 })
    await assert.rejects(client.submitPoint('t', 'p', {}), UnreachableError)
    assert.equal(unanswered.requests.length, 1, 'without a sequence, it would count twice')
    await assert.rejects(client.submitPoint('t', 'p', { sequence: 0 }), UnreachableError)
    assert.equal(unanswered.requests.length, 3)
    const refusing = await answering(t, json(400, { error: 'bad-body', message: 'sent: no', field: 'sent' }))
    await assert.rejects(new ResultsClient({ url: refusing.url }).submitPoint('t', 'p', {}), {
      name: 'ApiError',
      status: 400,
      code: 'bad-body',
      message: 'sent: no',
      field: 'sent'
    })
    assert.equal(refusing.requests.length, 1)
  })

  it('says how to start the server where none answers', async (t) => {
    const { url } = await answering(t, (_request, response) => response.destroy())
    const client = new ResultsClient({ url: 'http://127.0.0.1:9', retries: 0 })
    await assert.rejects(
      client.status(),
      /not reachable at http:\/\/127\.0\.0\.1:9 \(browsers refuse this port: choose another\).*npx peer-perf server.*RESULTS_SERVER_URL/
    )
    const silent = await answering(t, () => undefined)
    await assert.rejects(
      new ResultsClient({ url: silent.url, retries: 0, timeoutMs: 100 }).status(),
      /no answer in time/
    )
    await assert.rejects(new ResultsClient({ url, retries: 0 }).status(), UnreachableError)
  })

  it('recognises a web server that is not ours', async (t) => {
    const answers: [number, string][] = [
      [404, '<html>'],
      [200, '<html>'],
      [404, '{"message":"Not found"}'],
      [403, '{"error":"forbidden"}']
    ]
    for (const [status, text] of answers) {
      const other = await answering(t, (_request, response) => response.writeHead(status).end(text))
      await assert.rejects(new ResultsClient({ url: other.url }).getTest('t'), {
        name: 'ApiError',
        code: 'not-a-results-server'
      })
    }
  })

  it('follows no redirect, which would turn a creation into a look', async (t) => {
    const secure = await answering(t, json(200, { id: 'mine', state: 'running' }))
    const server = await answering(t, (_request, response) =>
      response.writeHead(301, { location: `${secure.url}/test/mine` }).end()
    )
    const client = new ResultsClient({ url: server.url })
    const told = {
      name: 'ApiError',
      message: `The address of the results server redirects to ${secure.url}: use that`
    }
    await assert.rejects(client.createTest('mine'), told)
    await assert.rejects(client.getTest('mine'), told)
    assert.deepEqual([secure.requests.length, server.requests.length], [0, 2], 'it is not repeated')
  })

  it('polls until it is told to stop', async (t) => {
    const server = await answering(
      t,
      json(200, { state: 'created' }),
      cutOff,
      json(200, { state: 'running' })
    )
    assert.equal((await new ResultsClient({ url: server.url }).waitForTest('t', 'started')).state, 'running')
    assert.equal(server.requests[0], 'GET /test/t?waitFor=started')
    const silent = await answering(t, () => undefined)
    const abort = new AbortController()
    const waiting = new ResultsClient({ url: silent.url }).waitForTest('t', 'finished', abort.signal)
    setTimeout(() => abort.abort(new Error('the tab is closed')), 50)
    await assert.rejects(waiting, /the tab is closed/)
  })

  it('says so where the browser hides a redirect', async (t) => {
    const hidden = { ok: false, status: 0, headers: new Headers(), text: () => Promise.resolve('') }
    t.mock.method(globalThis, 'fetch', () => Promise.resolve(hidden))
    await assert.rejects(new ResultsClient({ url: 'http://h' }).createTest('mine'), {
      message: 'The address of the results server redirects to another address: use that'
    })
  })

  for (const token of ['SECRET\nX', 'пароль', '\nSECRET X'])
    it(`refuses a token that cannot be sent, without showing it: ${JSON.stringify(token)}`, async (t) => {
      const { url } = await answering(t, json(200, {}))
      await assert.rejects(new ResultsClient({ url, token }).getTest('a'), {
        ...{ name: 'ApiError', status: 401, code: 'wrong-token' },
        message: 'The token must be visible ASCII'
      })
    })

  it('sends its token as bearer, and ids as parts of the path', async (t) => {
    const server = await answering(t, json(200, {}))
    for (const token of ['secret', '\nsecret\n'])
      await new ResultsClient({ url: `${server.url}/`, token }).getTest('a/b')
    assert.deepEqual(server.requests, Array(2).fill('GET /test/a%2Fb Bearer secret'))
  })
})
