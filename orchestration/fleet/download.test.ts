import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { downloadResults } from './download'

async function download(t: TestContext, answer: RequestListener, into?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'download-'))
  const server = createServer(answer).listen(0, '127.0.0.1')
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { folder, done: downloadResults({ url, token: undefined }, 'mine', into ?? folder) }
}

it('keeps a whole document', async (t) => {
  const { folder, done } = await download(t, (_, response) => response.end('{}'))
  assert.equal(readFileSync(await done, 'utf8'), '{}')
  assert.deepEqual(readdirSync(folder), ['mine.json'])
})

for (const [what, text, isKept] of [
  ['the same test', '{"id":"mine","createdAt":1}', false],
  ['another test of that name', '{"id":"mine","createdAt":2}', true]
] as const)
  it(`${isKept ? 'leaves alone' : 'writes again'} the results of ${what}`, async (t) => {
    const into = mkdtempSync(join(tmpdir(), 'download-'))
    t.after(() => rmSync(into, { recursive: true }))
    writeFileSync(join(into, 'mine.json'), text)
    const { done } = await download(t, (_, response) => response.end('{"id":"mine","createdAt":1}'), into)
    if (isKept) await assert.rejects(done, /^UserError: .*mine\.json has another test: move it away/)
    else await done
    assert.equal(readFileSync(join(into, 'mine.json'), 'utf8'), text)
    assert.deepEqual(readdirSync(into), ['mine.json'])
  })

const TROUBLES: [what: string, answer: RequestListener, why: RegExp][] = [
  ['refuses', (_, response) => response.writeHead(503).end(), /\(status 503\)/],
  ['does not answer', (request) => request.socket.destroy(), /\(.*(closed|socket).*\)/],
  [
    'is cut off',
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"id":')
      setTimeout(() => response.destroy(), 50)
    },
    /\(.*(closed|terminated).*\)/
  ]
]
for (const [what, answer, why] of TROUBLES)
  it(`says in one line that a server ${what}, and keeps no part`, async (t) => {
    const { folder, done } = await download(t, answer)
    await assert.rejects(done, (error: Error) => {
      assert.match(error.message, /^The results of mine cannot be fetched \([^\n]+\)[^\n]*$/)
      assert.match(error.message, why)
      return error.name === 'UserError'
    })
    assert.deepEqual(readdirSync(folder), [])
  })

it('says in one line that its folder cannot be made', async (t) => {
  const { done } = await download(t, (_, response) => response.end('{}'), '/proc/x')
  await assert.rejects(
    done,
    /^UserError: The results of mine cannot be fetched \(ENOENT.* mkdir '\/proc\/x'\)\.$/
  )
})
