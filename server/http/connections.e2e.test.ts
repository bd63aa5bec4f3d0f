/** Slow or numerous connections leave the server available to others. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { LIMITS } from '../../protocol/limits'
import { until } from '../testing/databases'
import { runningServer } from '../testing/raw-request'
import { samplePoint } from '../testing/sample-data'

describe('connections', () => {
  it('serves others while a thousand send their requests a byte at a time', async (t) => {
    const server = await runningServer(t)
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = connect(server.port, '127.0.0.1', () =>
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

  it('ends one that asks a thousand times and reads no answer', async (t) => {
    const server = await runningServer(t)
    const socket = connect(server.port, '127.0.0.1')
    t.after(() => socket.destroy())
    const closed = new Promise((resolve) => socket.once('error', resolve).once('close', resolve))
    socket.pause().write('GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000))
    await server.client.status()
    socket.resume()
    await closed
    assert.ok(socket.bytesRead < 10_000_000, `${socket.bytesRead} bytes of answers`)
  })

  it('answers requests that come before the answer to the one before', async (t) => {
    const server = await runningServer(t)
    const socket = connect(server.port, '127.0.0.1')
    let answers = ''
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    t.after(() => socket.destroy())
    for (let round = 1; round <= 5; round++) {
      socket.write('GET /time HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(4))
      await until(() => answers.split('HTTP/1.1 200 OK').length === 1 + 4 * round, `round ${round}`)
    }
  })

  for (const path of ['/test/run/events', '/test/run?dataPoints=true'])
    it(`frees the places of all readers of ${path} when their connections end`, async (t) => {
      const server = await runningServer(t)
      // Too long a document to be buffered whole.
      const points = Array.from({ length: 100 }, (_, peer) => samplePoint(`p${peer}`, 0))
      await server.client.submitPoints('run', points)
      const ask = async () => {
        const socket = connect(server.port, '127.0.0.1', () =>
          socket.write(
            ['/test/run/events', path]
              .map((asked) => `GET ${asked} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
              .join('')
          )
        )
        t.after(() => socket.destroy())
        await once(socket, 'data')
        return socket
      }
      const sockets = await Promise.all(Array.from({ length: LIMITS.documentReaders }, ask))
      // The second requests are before the server once it answers this one.
      await server.client.status()
      for (const socket of sockets) socket.destroy()
      await until(async () => (await server.client.status()).eventStreams === 0, 'no stream is left')
      assert.equal((await server.client.getDocument('run')).dataPoints.length, points.length)
    })

  it('limits the event streams', async (t) => {
    const server = await runningServer(t)
    const abort = new AbortController()
    const open = () => fetch(`${server.url}/test/run/events`, { signal: abort.signal })
    const streams: Response[] = []
    // Not all at once: a caller has 10 s to send its headers, and a busy machine may need more for 1,000.
    while (streams.length < 1000) streams.push(...(await Promise.all(Array.from({ length: 50 }, open))))
    assert.ok(streams.every(({ status }) => status === 200))
    assert.equal((await open()).status, 503)
    await server.client.submitPoint('run', 'p', { sequence: 0, sent: 1 })
    const reader = streams[999]!.body!.getReader()
    let text = ''
    while (!text.includes('event: points')) text += new TextDecoder().decode((await reader.read()).value)
    abort.abort()
  })

  it('disconnects the oldest caller when unfinished bodies would fill the memory', async (t) => {
    const server = await runningServer(t)
    const head = `PUT /test/run/topology HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4194304\r\n\r\n`
    let closed = 0
    const sockets = Array.from({ length: 80 }, () => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(head)
        socket.write(Buffer.alloc(4_194_303, 32))
      })
      socket.on('error', () => undefined).resume()
      socket.once('close', () => closed++)
      return socket
    })
    await until(() => closed >= 16, '80 × 4 MB are more than 256 MB')
    await server.client.submitPoint('run', 'p', samplePoint('p', 0))
    assert.ok(closed < 40, `${closed} were cut off`)
    for (const socket of sockets) socket.destroy()
  })
})
