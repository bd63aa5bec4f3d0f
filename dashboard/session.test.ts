import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { ApiError } from '../protocol/api-client'
import { Session, takeToken } from './session'

describe('Session', () => {
  /** Responds with the list of tests to anyone with the token, and once as a proxy does. */
  const server = createServer((request, response) => {
    if (request.url === '/proxy') return response.writeHead(403).end('<html>Forbidden</html>')
    const allowed = request.headers.authorization === 'Bearer right'
    response.writeHead(allowed ? 200 : 401, { 'Content-Type': 'application/json' })
    return response.end(JSON.stringify(allowed ? [] : { error: 'token-required', message: 'Send a token' }))
  })
  let url: string
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  it('asks for a token until one is right, once for all waiting calls', async () => {
    const answers = ['wrong', 'right']
    const asked: boolean[] = []
    const session = new Session(url, undefined, (wrong) => {
      asked.push(wrong)
      return Promise.resolve(answers.shift())
    })
    const list = () => session.call((client) => client.listTests())
    assert.deepEqual(await Promise.all([list(), list(), list()]), [[], [], []])
    assert.deepEqual(asked, [false, true])
    const body = await session.stream('/test')
    assert.equal(await new Response(body).text(), '[]')
    assert.equal(asked.length, 2)
  })

  it('asks for another token than one that cannot be sent', async () => {
    const session = new Session(url, 'a\nb', () => Promise.resolve('right'))
    assert.equal(await new Response(await session.stream('/test')).text(), '[]')
  })

  it('says who answers if it is not a results server', async () => {
    const session = new Session(url, undefined, () => Promise.resolve(undefined))
    await assert.rejects(
      session.stream('/proxy'),
      (error) => error instanceof ApiError && error.status === 403 && error.code === 'not-a-results-server'
    )
  })

  it('passes on the refusal if the user gives none', async () => {
    const session = new Session(url, 'old', () => Promise.resolve(undefined))
    await assert.rejects(
      session.call((client) => client.listTests()),
      (error) => error instanceof ApiError && error.status === 401
    )
  })
})

describe('takeToken', () => {
  const cases: [string, string | undefined, string][] = [
    ['#token=abc', 'abc', '/#/'],
    ['#token=a%2Bb', 'a+b', '/#/'],
    ['#token=100%', '100%', '/#/'],
    ['#/test/x?token=abc', 'abc', '/#/test/x'],
    ['#/compare?baseline=a,b&token=abc', 'abc', '/#/compare?baseline=a,b'],
    ['#/test/x', undefined, '#/test/x'],
    ['', undefined, '']
  ]
  for (const [hash, token, left] of cases) {
    it(`of "${hash}" is ${String(token)}, and leaves "${left}" as the address`, () => {
      let address = hash
      const history = { replaceState: (_data: unknown, _title: string, url: string) => (address = url) }
      assert.equal(takeToken({ hash, pathname: '/' } as Location, history as unknown as History), token)
      assert.equal(address, left)
    })
  }
})
