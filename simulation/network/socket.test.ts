import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { uncaught } from './emitter'
import { webSocketOf, type ServerSocket, type SocketPage } from './socket'

/**
 * What a page hears of its socket, with 10 ms to a server that goes down at `downAt`, unless the page leaves
 * then. Handlers of `thrower` throw.
 */
async function heard(
  downAt: number,
  goDown: 'close' | 'terminate' | 'vanish' | 'leave',
  thrower?: string,
  whenOpen: (page: WebSocket, server: ServerSocket) => void = () => undefined
): Promise<string[]> {
  const time = new VirtualTime()
  uncaught.report = (error) => time.errors.push(error)
  const accepted: ServerSocket[] = []
  let isUp = true
  const server = {
    thread: new Thread(time),
    accept: (socket: ServerSocket) => accepted.push(socket),
    admits: () => isUp
  }
  const page: SocketPage = {
    thread: new Thread(time),
    sockets: new Map([['ws://lighthouse', server]]),
    way: () => time.now + 10,
    registry: { noteFrame: () => undefined },
    node: { URL },
    url: 'http://lighthouse/',
    refuse: (name) => assert.fail(name)
  }
  const events: string[] = []
  const Socket = webSocketOf(page) as new (url: string) => WebSocket
  let socket: WebSocket
  time.at(0, () => {
    socket = new Socket('ws://lighthouse/?id=a')
    for (const type of ['open', 'error', 'message', 'close'])
      socket.addEventListener(type, (event) => {
        const { code, wasClean, reason } = event as CloseEvent
        const closed = () => [code, wasClean ? 'clean' : 'unclean', ...(reason ? [reason] : [])]
        const how = type === 'close' && socket.readyState === 3 ? closed() : []
        if (type === 'open') whenOpen(socket, accepted[0]!)
        events.push([type, ...how, 'at', time.now].join(' '))
        if (type === thrower) throw new Error('planted')
      })
  })
  time.at(downAt, () => {
    isUp = goDown === 'leave'
    if (goDown === 'leave') socket.close()
    else for (const each of accepted) each[goDown]()
  })
  await time.run(() => false)
  return [...events, ...accepted.filter(({ readyState }) => readyState === 1).map(() => 'left open')]
}

describe('a socket that loses an end', () => {
  const lost = ['open at 40', 'close 1006 unclean at 60']
  const rows: [when: string, downAt: number, expected: string[], goDown?: 'close' | 'vanish' | 'leave'][] = [
    ['before the handshake', 5, ['error at 20', 'close 1006 unclean at 20']],
    ['while the request is under way', 25, ['error at 40', 'close 1006 unclean at 40']],
    ['once the socket is open', 50, lost],
    ['without its knowledge', 50, lost, 'vanish'],
    ['properly', 50, ['open at 40', 'close 1005 clean at 60'], 'close'],
    ['by its page before the handshake', 5, ['error at 20', 'close 1006 unclean at 20'], 'leave'],
    ['by its page during the request', 25, ['error at 40', 'close 1006 unclean at 40'], 'leave']
  ]
  for (const [when, downAt, expected, goDown = 'terminate'] of rows)
    it(`${when} is closed`, async () => assert.deepEqual(await heard(downAt, goDown), expected))

  it('is closed, although a handler of the error throws', async () =>
    assert.deepEqual(await heard(5, 'terminate', 'error'), ['error at 20', 'close 1006 unclean at 20']))
})

describe('a socket that is closed', () => {
  const rows: [how: string, expected: string, close: (page: WebSocket, server: ServerSocket) => void][] = [
    ['by the page', 'close 1005 clean at 60', (page) => page.close()],
    ['by the page with a reason', 'close 4001 clean bye at 60', (page) => page.close(4001, 'bye')],
    ['by the server', 'close 1005 clean at 50', (_, server) => server.close()],
    ['by the server with a reason', 'close 1000 clean new at 50', (_, server) => server.close(1000, 'new')],
    [
      'by both',
      'close 1000 clean new at 50',
      (page, server) => {
        server.close(1000, 'new')
        page.close(4001)
      }
    ]
  ]
  for (const [how, expected, close] of rows)
    it(`${how} hears the code of the first closing frame`, async () =>
      assert.deepEqual(await heard(100, 'terminate', undefined, close), ['open at 40', expected]))

  it('takes only codes of its own', async () => {
    const errors: string[] = []
    await heard(100, 'terminate', undefined, (page) => {
      for (const code of [1001, 2999, 3000, 4999, 5000])
        try {
          page.close(code)
        } catch (error) {
          errors.push((error as Error).name)
        }
    })
    assert.deepEqual(errors, Array(3).fill('InvalidAccessError'))
  })

  it('carries messages only while it is open', async () => {
    const sent: unknown[] = []
    const events = await heard(100, 'terminate', undefined, (page, server) => {
      server.on('message', (text) => sent.push(text))
      page.addEventListener('message', () => page.close())
      for (const text of ['first', 'last']) server.send(text)
      page.send('up')
    })
    assert.deepEqual([sent, events], [['up'], ['open at 40', 'message at 50', 'close 1005 clean at 70']])
  })
})
