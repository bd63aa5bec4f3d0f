import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { reachLighthouse } from './lighthouse'

describe('reachLighthouse', () => {
  it('polls until it gets an answer', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url!)
      if (asked.length < 3) request.socket.destroy()
      else response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await reachLighthouse(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    assert.deepEqual(asked, ['/status', '/status', '/status'])
  })

  it('accepts any answer', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await reachLighthouse(url)
    server.close()
    await reachLighthouse(url)
  })
})
