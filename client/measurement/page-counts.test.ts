import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PageCounts } from './page-counts'

class FakeSocket extends EventTarget {
  constructor(readonly url: string) {
    super()
  }
  send(): void {
    // The Lighthouse is pretended.
  }
  hear(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

const { fetch: realFetch, WebSocket: realSocket } = globalThis
beforeEach(() => {
  globalThis.fetch = () => Promise.resolve(new Response())
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket
})
afterEach(() => {
  globalThis.fetch = realFetch
  globalThis.WebSocket = realSocket
})

function watched(): PageCounts {
  const counts = new PageCounts()
  counts.watch('https://lighthouse.example/lighthouse')
  return counts
}

function exchange(url: string): void {
  const socket = new WebSocket(url) as unknown as FakeSocket & WebSocket
  socket.send('12345')
  socket.hear('123')
}

describe('the counts of a page', () => {
  it('cover WebSockets and requests to the Lighthouse, and no others', async () => {
    const counts = watched()
    counts.isMeasured = true
    exchange('wss://lighthouse.example:443/peerjs?id=a')
    exchange('wss://elsewhere.example/')
    await fetch('https://lighthouse.example/lighthouse/layers')
    await fetch(new Request('https://lighthouse.example/status'))
    await fetch(new URL('https://results.example/test'))
    await fetch('relative')
    assert.deepEqual(counts.takeShare().lighthouse, { messages: 2, bytes: 8, requests: 2 })
  })

  it('are those of the measured time, shared out once', () => {
    const counts = watched()
    const wss = 'wss://lighthouse.example/'
    const messages = () => counts.takeShare().lighthouse.messages
    exchange(wss)
    assert.equal(messages(), 0, 'of a peer that leaves in the warm-up')
    counts.isMeasured = true
    exchange(wss)
    assert.deepEqual([messages(), messages()], [2, 0])
    exchange(wss)
    counts.isMeasured = false
    exchange(wss)
    assert.deepEqual([messages(), messages()], [2, 0])
  })

  it('are none if the test is stopped within its warm-up', () => {
    const counts = watched()
    const wss = 'wss://lighthouse.example/'
    exchange(wss)
    counts.isMeasured = false
    exchange(wss)
    assert.deepEqual(counts.takeShare().lighthouse, { messages: 0, bytes: 0, requests: 0 })
  })

  it('name the first of the errors that nothing caught', () => {
    const counts = new PageCounts()
    const window = new EventTarget()
    counts.watchErrors(window)
    window.dispatchEvent(Object.assign(new Event('error'), { message: 'Uncaught Error: one' }))
    window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: new Error('two') }))
    window.dispatchEvent(new Event('error'))
    assert.deepEqual(counts.takeShare().uncaught, { count: 2, first: 'Uncaught Error: one' })
    assert.deepEqual(counts.takeShare().uncaught, { count: 0 })
  })
})
