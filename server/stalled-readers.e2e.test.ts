/** Readers that connect and then read nothing. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { LIMITS } from '../protocol/limits'
import { serveConnections } from './http/connections'
import { until } from './testing/databases'
import { samplePoint } from './testing/sample-data'
import { serve, startServer, type Served } from './testing/test-server'

/** Sends a request and reads only the beginning of the response. */
async function stall(t: TestContext, port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  })
  socket.on('error', () => undefined)
  t.after(() => socket.destroy())
  await once(socket, 'data')
  socket.pause()
  return socket
}

const connectionsOf = (server: Server) => promisify(server.getConnections.bind(server))()

function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile()
  )
  return entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

describe('stalled readers', { concurrency: true }, () => {
  let server: Served
  before(async () => {
    server = await startServer()
    await server.client.createTest('big', { started: true })
    for (let sequence = 0; sequence < 100; sequence++)
      await server.client.submitPoints(
        'big',
        Array.from({ length: 80 }, (_, peer) => samplePoint(`p${peer}`, sequence))
      )
  })
  after(() => server.close())

  it('of a running test’s document use no disk space, and are disconnected', async (t) => {
    const { client, folder, port, url } = server
    const before = bytesIn(folder)
    const stalling = Array.from({ length: LIMITS.documentReaders }, () =>
      stall(t, port, '/test/big?dataPoints=true')
    )
    await Promise.all(stalling)
    const isRefused = async () => {
      const answer = await fetch(`${url}/test/big?dataPoints=true`)
      await answer.body?.cancel()
      return answer.status === 503
    }
    assert.ok(await isRefused())
    assert.ok(bytesIn(folder) < before * 1.1, `${before} bytes became ${bytesIn(folder)}`)
    await client.submitPoint('big', 'p0', { sent: 1 })
    // The server cuts off stalled readers after 30 s.
    const read = () => client.getDocument('big').catch(() => undefined)
    await until(async () => (await read())?.dataPoints.length === 8_001, 'they are cut off')
  })

  it('of a client page hold no copy of it in memory', async (t) => {
    const { client, port } = await serve(t)
    await client.createTest('paged')
    await client.putPage('paged', { index: '', bundle: 'x'.repeat(8_000_000) })
    const before = process.memoryUsage().arrayBuffers
    await Promise.all(Array.from({ length: 50 }, () => stall(t, port, '/test/paged/page')))
    const more = process.memoryUsage().arrayBuffers - before
    assert.ok(more < 200_000_000, `50 readers of 8 MB hold ${more} bytes`)
  })

  it('of any answer are disconnected, slow ones are not', async (t) => {
    const answer = Buffer.alloc(32 << 20)
    const plain = createServer()
    serveConnections(plain, (_request, response) => response.end(answer))
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
    t.after(() => plain.close())
    const { port } = plain.address() as AddressInfo
    await stall(t, port, '/')
    const slow = await stall(t, port, '/')
    let rounds = 0
    const timer = setInterval(() => {
      slow.read(1 << 16)
      rounds++
    }, 1_000)
    t.after(() => clearInterval(timer))
    await until(async () => (await connectionsOf(plain)) === 1, 'the stalled one is cut off')
    const enough = rounds + 5
    await until(() => rounds >= enough, 'the slow one reads on')
    assert.equal(await connectionsOf(plain), 1)
  })

  it('of events are disconnected even if little waits for them', async (t) => {
    const { client, port } = server
    const stalling = [1, 2, 3].map(() => stall(t, port, '/test/big/events?since=0'))
    const sockets = await Promise.all(stalling)
    await until(async () => (await client.status()).eventStreams === 3, 'three streams')
    await until(async () => (await client.status()).eventStreams === 0, 'none is left')
    assert.ok(sockets.every((socket) => !socket.destroyed))
  })
})
