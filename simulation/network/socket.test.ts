import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { webSocketOf, type ServerSocket, type SocketPage } from './socket'

/**
 * What a page hears of its socket, with 10 ms to a server that goes down at `downAt`. Handlers of `thrower`
 * throw.
 */
async function heard(
  downAt: number,
  goDown: 'close' | 'terminate' | 'vanish',
  thrower?: string
): Promise<string[]> {
  const time = new VirtualTime()
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
    node: { URL }
  }
  const events: string[] = []
  time.at(0, () => {
    const Socket = webSocketOf({ ...page, refuse: (name) => assert.fail(name) }) as new (
      url: string
    ) => EventTarget
    const socket = new Socket('ws://lighthouse/?id=a')
    for (const type of ['open', 'error', 'close'])
      socket.addEventListener(type, (event) => {
        const { code, wasClean } = event as CloseEvent
        const how = type === 'close' ? [code, wasClean ? 'clean' : 'unclean'] : []
        events.push([type, ...how, 'at', time.now].join(' '))
        if (type === thrower) throw new Error('planted')
      })
  })
  time.at(downAt, () => {
    isUp = false
    for (const socket of accepted) socket[goDown]()
  })
  await time.run(() => false)
  return events
}

describe('a socket to a server that goes down', () => {
  const lost = ['open at 40', 'close 1006 unclean at 60']
  const rows: [when: string, downAt: number, expected: string[], goDown?: 'close' | 'vanish'][] = [
    ['before the handshake', 5, ['error at 20', 'close 1006 unclean at 20']],
    ['while the request is under way', 25, ['error at 40', 'close 1006 unclean at 40']],
    ['once the socket is open', 50, lost],
    ['without its knowledge', 50, lost, 'vanish'],
    ['properly', 50, ['open at 40', 'close 1000 clean at 60'], 'close']
  ]
  for (const [when, downAt, expected, goDown = 'terminate'] of rows)
    it(`${when} is closed`, async () => assert.deepEqual(await heard(downAt, goDown), expected))

  it('is closed, although a handler of the error throws', async () =>
    assert.deepEqual(await heard(5, 'terminate', 'error'), ['error at 20', 'close 1006 unclean at 20']))
})
