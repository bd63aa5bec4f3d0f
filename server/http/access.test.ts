/** Access control: tokens, foreign pages and foreign host names. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allowedHost, allowedOrigin } from '../../cli/allowed'
import type { ResultsServerOptions } from '../app'
import { send, type Sent } from '../testing/raw-request'
import { serve } from '../testing/test-server'
import { checkTokens } from './access'

for (const host of ['localhost', 'LOCALHOST', '127.1', '127.0.0.53', '::1', '::ffff:127.0.0.1'])
  it(`a server that only this machine reaches needs no token: ${host}`, () => checkTokens({}, host))
for (const host of [
  '',
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '127.evil.example',
  '127.1.evil.example',
  'localhost.lan'
])
  it(`a server that others may reach needs a token: ${host}`, () =>
    assert.throws(() => checkTokens({}, host), /^UserError: HOST \S* ?can be reached by others/))

describe('tokens', () => {
  it('allow each call only with the right token', async (t) => {
    const server = await serve(t, {
      controlToken: 'control-secret',
      submitToken: 'submit-secret',
      readToken: 'read-secret'
    })
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
      [metrics, 'read-secret', 403],
      [{ path: '/test' }, 'read-secret', 200],
      [{ path: '/test/run' }, 'read-secret', 200],
      [{ path: '/test/run?dataPoints=true' }, 'read-secret', 200],
      [{ path: '/test/run/summary' }, 'read-secret', 200],
      [{ path: '/comparison' }, 'read-secret', 200],
      [{ path: '/comparison/mine/report' }, 'read-secret', 404],
      [{ method: 'POST', path: '/test/other' }, 'read-secret', 403],
      [{ method: 'PUT', path: '/test/run/start' }, 'read-secret', 403],
      [{ method: 'PUT', path: '/test/run/finish?dataPoints=true' }, 'read-secret', 403],
      [{ method: 'DELETE', path: '/test/run' }, 'read-secret', 403],
      [{ method: 'PUT', path: '/test/run/peer/p/ready' }, 'read-secret', 403],
      [{ method: 'PUT', path: '/test/run/topology', body: '{}' }, 'read-secret', 403],
      [{ path: '/comparison' }, undefined, 401],
      [{ path: '/comparison' }, 'submit-secret', 403],
      [{ path: '/comparison' }, 'control-secret', 200],
      [{ path: '/comparison/mine' }, undefined, 401],
      [{ path: '/comparison/mine/report' }, 'submit-secret', 403],
      [{ method: 'PUT', path: '/test/run/finish' }, 'submit-secret', 403],
      [{ method: 'POST', path: '/test/other' }, 'submit-secret', 403],
      [{ path: '/test/run?token=control-secret' }, undefined, 401],
      [{ path: '/status' }, undefined, 200],
      [{ path: '/time' }, undefined, 200],
      // The token identifies the caller, so a foreign host and origin are accepted.
      [
        { ...metrics, headers: { host: 'results-server:9904', origin: 'https://page.example' } },
        'submit-secret',
        200
      ],
      [{ ...metrics, headers: { host: 'results-server:9904' } }, undefined, 401],
      [{ path: '/status', headers: { host: 'results-server:9904' } }, undefined, 200],
      [{ ...metrics, headers: { origin: 'https://page.example' } }, undefined, 403]
    ]
    for (const [sent, token, status] of ROWS) {
      const answer = await send(server, { ...sent, headers: { ...sent.headers, ...as(token) } })
      assert.equal(answer.status, status, `${sent.method ?? 'GET'} ${sent.path} as ${token ?? 'nobody'}`)
    }
    const said = async (token: string) => (await send(server, { path: '/test', headers: as(token) })).body
    assert.equal((await said('wrong')).error, 'wrong-token')
    assert.match(
      (await said('submit-secret')).message,
      /^The submit token may not do this: use RESULTS_SERVER_TOKEN or RESULTS_SERVER_READ_TOKEN$/
    )
    for (const [token, access] of [
      ['control-secret', 'control'],
      ['read-secret', 'read'],
      ['wrong', null]
    ] as const)
      assert.equal((await send(server, { path: '/status', headers: as(token) })).body.access, access)
    const preflight = await fetch(`${server.url}/test/run`, {
      method: 'OPTIONS',
      headers: { origin: 'https://page.example' }
    })
    const methods = preflight.headers.get('access-control-allow-methods')
    assert.deepEqual([preflight.status, methods], [204, 'GET, POST, PUT, DELETE'])
  })

  const REFUSED: [string, Partial<ResultsServerOptions>, RegExp][] = [
    ['on an address of others without a token', { host: '0.0.0.0' }, /set RESULTS_SERVER_TOKEN/],
    ['with a submit token alone', { submitToken: 'x' }, /SUBMIT_TOKEN protects nothing without/],
    ['with an empty token', { controlToken: '' }, /RESULTS_SERVER_TOKEN cannot be sent/],
    ['with a token with spaces', { controlToken: 'a b' }, /RESULTS_SERVER_TOKEN cannot be sent/],
    ['with a token beyond ASCII', { controlToken: 'пароль' }, /RESULTS_SERVER_TOKEN cannot be sent/],
    ['with a line in a token', { controlToken: 'a', submitToken: 'x\n' }, /SUBMIT_TOKEN cannot be sent/],
    ['with a read token alone', { readToken: 'x' }, /READ_TOKEN protects nothing without/],
    ['with one token for both', { controlToken: 'a', submitToken: 'a' }, /Two of the tokens are equal/],
    ['with one narrow token', { controlToken: 'a', submitToken: 'b', readToken: 'b' }, /are equal/]
  ]
  for (const [what, options, message] of REFUSED)
    it(`does not start ${what}`, async (t) => {
      await assert.rejects(serve(t, options), (error: Error) => {
        assert.equal(error.name, 'UserError')
        assert.match(error.message, message)
        return true
      })
    })
})

describe('foreign pages', () => {
  const ROWS: [string, Record<string, string>, number][] = [
    ['no Origin (curl)', {}, 200],
    ['a page on this machine', { origin: 'http://localhost:7654', 'sec-fetch-site': 'same-site' }, 200],
    ['a page that was allowed', { origin: 'https://tests.example' }, 200],
    ['a foreign page', { origin: 'https://evil.example' }, 403],
    ['a page of a name that begins like ours', { origin: 'http://localhost.evil.example' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a foreign name (DNS rebinding)', { host: 'evil.example' }, 403],
    ['a foreign name, as its own origin', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['a name that was allowed', { host: 'results-server:9904' }, 200],
    ['its own page behind TLS', { host: 'results-server', origin: 'https://results-server' }, 200],
    ['another port behind TLS', { host: 'results-server', origin: 'https://results-server:8443' }, 403]
  ]
  for (const [name, headers, status] of ROWS)
    it(`${status === 200 ? 'serves' : 'refuses'} ${name}`, async (t) => {
      const server = await serve(t, {
        allowedOrigins: ['https://tests.example'],
        allowedHosts: ['results-server']
      })
      await server.client.createTest('run')
      const answer = await send(server, { path: '/test/run', headers })
      assert.equal(answer.status, status)
      const preflight = await send(server, { method: 'OPTIONS', path: '/test/x/finish', headers })
      assert.equal(preflight.status, status === 200 ? 204 : status)
    })
})

describe('allowed names and pages', () => {
  const HOSTS: [written: string, sent: string][] = [
    ['Lab.Example', 'lab.example:9904'],
    ['lab2:21915', 'lab2:21915'],
    ['lab3', 'LAB3:9904'],
    ['café.example', 'xn--caf-dma.example'],
    ['fd00::1', '[fd00::1]:9904'],
    ['[FD00:0::2]', '[fd00::2]'],
    ['[fd00::3]:9904', '[fd00::3]:9904'],
    ['192.0.2.7', '192.0.2.7:9904']
  ]
  const ORIGINS: [written: string, sent: string][] = [
    ['http://x.example/', 'http://x.example'],
    ['HTTPS://Tests.Example:443', 'https://tests.example'],
    ['http://y.example:8080', 'http://y.example:8080'],
    ['http://[fd00::1]:8080', 'http://[fd00::1]:8080'],
    ['chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'],
    ['null', 'null']
  ]
  it('match however they are written', async (t) => {
    const server = await serve(t, {
      allowedHosts: HOSTS.map(([written]) => allowedHost(written)),
      allowedOrigins: ORIGINS.map(([written]) => allowedOrigin(written))
    })
    const statusOf = async (headers: Record<string, string>) =>
      (await send(server, { path: '/test', headers })).status
    for (const [written, host] of HOSTS) assert.equal(await statusOf({ host }), 200, written)
    for (const [written, origin] of ORIGINS) assert.equal(await statusOf({ origin }), 200, written)
    const origin = 'http://x.example'
    const preflight = await fetch(`${server.url}/test/run`, { method: 'OPTIONS', headers: { origin } })
    assert.match(preflight.headers.get('access-control-allow-methods')!, /DELETE/)
    for (const host of ['fd00::1', 'x.example', '[fd00::4]', 'lab.example.evil.example'])
      assert.equal(await statusOf({ host }), 403, host)
    for (const origin of ['https://x.example', 'http://tests.example', 'http://y.example', 'http://lab3'])
      assert.equal(await statusOf({ origin }), 403, origin)
  })

  for (const host of [
    '*',
    '*.example',
    'http://x.example/',
    'x.example/lab',
    'me@x.example',
    'a b',
    'lab:port'
  ])
    it(`that no request can have are refused: the host ${host}`, () =>
      assert.throws(() => allowedHost(host), { message: `"${host}" is not a host such as lab.example.org.` }))

  for (const origin of [
    '*',
    'https://*.example',
    'x.example',
    'localhost:3000',
    'https://x.example/page',
    'https://x.example?a',
    'https://me@x.example'
  ])
    it(`that no request can have are refused: the origin ${origin}`, () =>
      assert.throws(() => allowedOrigin(origin), {
        message: `"${origin}" is not an origin such as https://tests.example.org.`
      }))
})

describe('without a control token', () => {
  const PAGE = { origin: 'http://localhost:7654' }
  const submission = { method: 'PUT', path: '/test/run/peer/p/metrics', body: '{"sent":1}' }
  const submitted = (status: number): [Sent, number] => [submission, status]
  const others: Sent[] = [
    { path: '/test' },
    { path: '/test/run?dataPoints=true' },
    { path: '/test/run/summary' },
    { path: '/comparison' },
    { method: 'POST', path: '/test/other' },
    { method: 'PUT', path: '/test/run/finish' },
    { method: 'DELETE', path: '/test/run' }
  ]

  it('other pages of this machine submit and read the state, and nothing else', async (t) => {
    const server = await serve(t)
    await server.client.createTest('run', { started: true })
    const allowed: [Sent, number][] = [submitted(200), [{ path: '/test/run' }, 200], [{ path: '/time' }, 200]]
    for (const [sent, status] of [...allowed, ...others.map((each): [Sent, number] => [each, 403])]) {
      const answer = await send(server, { ...sent, headers: PAGE })
      assert.equal(answer.status, status, `${sent.method ?? 'GET'} ${sent.path}`)
    }
    const { headers } = await fetch(`${server.url}/time`, { headers: PAGE })
    // What the page may read, measure its clock by, and keep for itself.
    for (const [name, value] of [
      ['access-control-allow-origin', PAGE.origin],
      ['timing-allow-origin', PAGE.origin],
      ['vary', 'Origin']
    ] as const)
      assert.equal(headers.get(name), value)
    const own = await send(server, {
      path: '/test',
      headers: { origin: server.url, host: new URL(server.url).host }
    })
    assert.equal(own.status, 200, 'its dashboard')
    const preflight = await fetch(`${server.url}/test/run`, { method: 'OPTIONS', headers: PAGE })
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, POST, PUT')
  })

  it('and with a token for pages, other pages need it', async (t) => {
    const server = await serve(t, { pageToken: 'of-pages' })
    await server.client.createTest('run', { started: true })
    const authorization = 'Bearer of-pages'
    assert.equal((await send(server, { ...submission, headers: PAGE })).status, 401)
    assert.equal((await send(server, { ...submission, headers: { ...PAGE, authorization } })).status, 200)
    for (const sent of others)
      assert.equal(
        (await send(server, { ...sent, headers: { ...PAGE, authorization } })).status,
        403,
        sent.path
      )
  })

  it('the token for pages is of the server: it also serves for tests of others', async (t) => {
    const server = await serve(t, { pageToken: 'of-pages' })
    for (const id of ['running', 'finished']) await server.client.createTest(id, { started: true })
    await server.client.finishTest('finished')
    const headers = { ...PAGE, authorization: 'Bearer of-pages' }
    const statusOf = async (sent: Sent) => (await send(server, { ...sent, headers })).status
    const metrics = (id: string) => ({ ...submission, path: `/test/${id}/peer/p/metrics` })
    assert.deepEqual(
      [await statusOf({ path: '/test/running' }), await statusOf({ path: '/test/finished' })],
      [200, 200]
    )
    assert.deepEqual([await statusOf(metrics('running')), await statusOf(metrics('finished'))], [200, 409])
  })

  it('nothing is served into images, frames and links of other pages', async (t) => {
    const server = await serve(t)
    await server.client.createTest('run', { started: true })
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 200],
      ['none', 200]
    ] as const) {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
      const answer = await send(server, { path: '/test/run?dataPoints=true', headers })
      assert.equal(answer.status, status, site)
    }
    for (const path of ['/test', '/status', '/nowhere', '/'])
      assert.equal(
        (await fetch(server.url + path)).headers.get('cross-origin-resource-policy'),
        'same-origin',
        path
      )
  })
})
