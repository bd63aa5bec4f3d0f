import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from './connection-registry'
import type { ChannelFace } from './data-channel'
import { Emitter, uncaught, type MessageEvent, type SimEvent } from './emitter'
import { Line } from './line'
import type { ConnectionPage, PeerNetwork, SimPeerConnection } from './peer-connection'
import { Sctp } from './sctp'
import { candidateOf } from './signals'
import { webRtcOf, type PageConnection } from './web-rtc'

/** The order in which offers that are asked for at once are ready, and the virtual ms at which each is. */
async function readyOffers(pages: readonly string[]): Promise<[page: string, at: number][]> {
  const time = new VirtualTime()
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const parts = new Map(
    pages.map((page) => [page, webRtcOf({ thread: new Thread(time), registry } as ConnectionPage)])
  )
  const ready: [string, number][] = []
  const offers = pages.map(async (page) => {
    await new Promise<void>((resolve) => time.at(10, resolve))
    const connection = new (parts.get(page)!.RTCPeerConnection)()
    connection.createDataChannel('x')
    await connection.createOffer()
    ready.push([page, time.now])
  })
  await time.run(() => false)
  await Promise.all(offers)
  return ready
}

describe('a page', () => {
  it('prepares offers one after the other, while other pages do not wait for it', async () => {
    const ready = await readyOffers(['one', 'one', 'one', 'other'])
    assert.deepEqual(
      ready.sort(([, a], [, b]) => a - b),
      [
        ['one', 11.5],
        ['other', 11.5],
        ['one', 13],
        ['one', 14.5]
      ]
    )
  })

  it('prepares any number of offers before a library gives up on them', async () => {
    const ready = await readyOffers(Array.from({ length: 2000 }, () => 'one'))
    assert.equal(Math.max(...ready.map(([, at]) => at)), 110)
  })
})

interface Connected {
  time: VirtualTime
  near: PageConnection
  far: PageConnection
  /** The first channel, at the near end. */
  channel: ChannelFace
}

interface Settings {
  isPlain: boolean
  /** ms at which the path comes, goes, comes again… */
  path: readonly number[]
  /** Whether the near end hears of the far end's answer. */
  isAnswered: boolean
}

/** Two connected ends, over packets that take 40 ms. `isLost` is asked about each that an end sends. */
function connect(
  isLost: (isNear: boolean) => boolean,
  { isPlain = false, path = [0], isAnswered = true }: Partial<Settings> = {}
): Connected {
  const time = new VirtualTime()
  uncaught.report = (error) => time.errors.push(error)
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const [nearThread, farThread] = [new Thread(time), new Thread(time)]
  const network: PeerNetwork = {
    delayOf: () => 40,
    isOpen: () => path.filter((change) => change <= time.now).length % 2 === 1,
    association: (_from, _to, sender, receiver) => {
      const forward = () => (isLost(sender === nearThread) ? undefined : time.now + 40)
      return isPlain
        ? { open: (_, deliver) => new Line(receiver, forward, deliver) }
        : new Sctp({ sender, receiver, forward, back: () => time.now + 40 })
    }
  }
  const [near, far] = [nearThread, farThread].map((thread) => {
    const page = {
      ...{ thread, registry, network, copy: (bytes: Uint8Array) => bytes, onPacket: () => undefined },
      refuse: (name: string) => assert.fail(name)
    }
    return new (webRtcOf(page).RTCPeerConnection)()
  }) as [PageConnection, PageConnection]
  const channel = near.createDataChannel('x')
  const describeBoth = async () => {
    await near.setLocalDescription(await near.createOffer())
    await far.setRemoteDescription(near.localDescription!)
    await far.setLocalDescription(await far.createAnswer())
    await far.addIceCandidate({ candidate: candidateOf(0), sdpMid: '0' })
    if (!isAnswered) return
    await near.setRemoteDescription(far.localDescription!)
    await near.addIceCandidate({ candidate: candidateOf(1), sdpMid: '0' })
  }
  describeBoth().catch((error: unknown) => time.errors.push(error))
  for (const change of path)
    time.at(change, () => {
      for (const end of registry.connections) end.notice()
    })
  return { time, near, far, channel }
}

/** Uses the next channel that the other end announces. */
function useNext(connection: PageConnection, use: (channel: ChannelFace) => void): void {
  const hear = (event: SimEvent) => use((event as SimEvent & { channel: ChannelFace }).channel)
  connection.addEventListener('datachannel', hear, { once: true })
}

/**
 * What the far end hears when a connection is closed at 1 s, right after a message. `isLost` decides which of
 * the closing end's packets are lost from then on.
 */
async function closing(
  isLost: (sent: number) => boolean,
  isPlain: boolean
): Promise<{ heard: string[]; sent: number }> {
  const heard: string[] = []
  let sent = 0
  let isAtEnd = false
  const { time, near, far, channel } = connect((isNear) => isNear && isAtEnd && isLost(sent++), { isPlain })
  const note = (what: string) => heard.push(`${what} at ${Math.round(time.now)}`)
  useNext(far, (end) => {
    for (const type of ['message', 'closing', 'close']) end.addEventListener(type, () => note(type))
    end.addEventListener('error', (event) => {
      const { name, errorDetail, sctpCauseCode } = (event as SimEvent & { error: RTCError }).error
      note(`${end.readyState}: ${name} ${errorDetail} ${sctpCauseCode}`)
    })
    far.addEventListener('connectionstatechange', () => note(far.connectionState))
  })
  time.at(1000, () => {
    isAtEnd = true
    channel.send('last')
    near.close()
  })
  await time.run(() => false)
  return { heard, sent }
}

describe('a connection that is closed', () => {
  const failing = ['disconnected at 6000', 'failed at 16000']
  const closed = [
    'closing at 1040',
    'closed: OperationError sctp-failure 12 at 1040',
    'close at 1040',
    ...failing
  ]
  const rows: [says: string, isLost: (sent: number) => boolean, heard: string[], isPlain?: boolean][] = [
    ['delivers what was sent before', () => false, ['message at 1040', ...closed]],
    ['delivers what was sent before on a plain line', () => false, ['message at 1040', ...closed], true],
    ['does not repeat what is lost', (sent) => sent === 0, closed],
    [
      'is noticed by ICE alone if its last packet is lost',
      (sent) => sent === 1,
      ['message at 1040', ...failing]
    ]
  ]
  for (const [says, isLost, expected, isPlain = false] of rows)
    it(says, async () => {
      const { heard, sent } = await closing(isLost, isPlain)
      assert.deepEqual(heard, expected)
      assert.equal(sent, 2)
    })

  it('is heard of to the end, although a handler throws', async () => {
    const heard: string[] = []
    const { time, near, far } = connect(() => false)
    useNext(far, (end) => {
      end.addEventListener('error', () => {
        throw new Error('planted')
      })
      end.addEventListener('close', () => heard.push('close'))
    })
    time.at(1000, () => near.close())
    await time.run(() => false)
    assert.deepEqual(heard, ['close'])
  })

  it('is not answered by the end that has heard of it', async () => {
    let sent = 0
    const { time, near, far } = connect((isNear) => {
      if (!isNear && time.now > 1000) sent++
      return false
    })
    useNext(far, (end) => {
      end.addEventListener('close', () => far.close())
      time.at(1010, () => end.send('too late'))
    })
    time.at(1000, () => near.close())
    await time.run(() => false)
    assert.equal(sent, 1)
  })
})

describe('a connection whose path comes and goes', () => {
  const connecting = ['near connecting at 0 s', 'far connecting at 0 s']
  const both = (what: string) => [`near ${what}`, `far ${what}`]
  const failed = [...connecting, ...both('failed at 15 s')]
  const connected = [...connecting, ...both('connected at 0 s'), 'open at 0 s']
  const rows: [says: string, path: number[], expected: string[]][] = [
    [
      'connects after the path is there',
      [8000],
      [...connecting, ...both('connected at 8 s'), 'open at 8 s', 'message at 22 s']
    ],
    ['fails without a path', [], failed],
    ['does not try again after it has failed', [20_000], failed],
    ['notices nothing of 4 s without a path', [0, 2000, 6000], [...connected, 'message at 22 s']],
    [
      'is disconnected after 5 s, until the path is there again',
      [0, 2000, 9000, 11_000, 15_000],
      [...connected, ...both('disconnected at 7 s'), ...both('connected at 9 s'), 'message at 22 s']
    ],
    [
      'fails after 15 s for ever, and carries nothing any more',
      // Something else changes at 4 s.
      [0, 2000, 4000, 4000, 20_000, 21_000],
      [...connected, ...both('disconnected at 7 s'), ...both('failed at 17 s')]
    ]
  ]
  for (const [says, path, expected] of rows)
    it(says, async () => {
      const { time, near, far, channel } = connect(() => false, { path })
      const heard: string[] = []
      const note = (what: string) => heard.push(`${what} at ${Math.round(time.now / 1000)} s`)
      for (const [name, end] of Object.entries({ near, far }))
        end.addEventListener('connectionstatechange', () => note(`${name} ${end.connectionState}`))
      channel.addEventListener('open', () => note('open'))
      useNext(far, (end) => end.addEventListener('message', () => note('message')))
      time.at(22_000, () => channel.readyState === 'open' && channel.send('x'))
      await time.run(() => false)
      assert.deepEqual(heard.sort(), expected.sort())
    })

  it('fails if the answer reaches nobody', async () => {
    const { time, near, far } = connect(() => false, { isAnswered: false })
    time.at(3500, () => near.close())
    await time.run(() => false)
    assert.deepEqual([far.connectionState, Math.round(time.now / 1000)], ['failed', 15])
  })

  it('fails if the other end closes instead', async () => {
    const { time, near, far } = connect(() => false)
    time.at(100, () => far.close())
    await time.run(() => false)
    assert.deepEqual([near.connectionState, Math.round(time.now)], ['failed', 15_100])
  })
})

it('a channel that is closed again and again hears of it once', async () => {
  const { time, channel } = connect(() => false)
  let heard = 0
  channel.addEventListener('close', () => heard++)
  for (const at of [1000, 1000, 2000]) time.at(at, () => channel.close())
  await time.run(() => false)
  assert.deepEqual([heard, channel.readyState], [1, 'closed'])
})

it('a connection that is closed hears of no channel any more that is announced', async () => {
  const { time, near, far } = connect(() => false, { isPlain: true })
  let announced = 0
  far.addEventListener('datachannel', () => announced++)
  near.addEventListener('connectionstatechange', () => {
    if (near.connectionState === 'connected') time.after(10, () => far.close())
  })
  await time.run(() => false)
  assert.deepEqual([announced, near.connectionState], [0, 'failed'])
})

describe('a connection whose only channel was closed', () => {
  it('carries the next one both ways', async () => {
    const { time, near, far, channel } = connect(() => false)
    const answers: unknown[] = []
    time.at(1000, () => channel.close())
    time.at(2000, () => {
      const next = near.createDataChannel('y')
      next.addEventListener('message', (event) => answers.push((event as MessageEvent).data))
      useNext(far, (other) => {
        other.addEventListener('open', () => other.send('answer'))
      })
    })
    await time.run(() => time.now > 10_000)
    assert.deepEqual(answers, ['answer'])
  })
})

/** What is heard of two connected ends and their channels, if each handler of `thrower` throws. */
async function heardWith(thrower?: string): Promise<{ heard: string[]; errors: unknown[] }> {
  const heard: string[] = []
  let isNextLost = false
  const { time, near, far, channel } = connect((isNear) => {
    const isLost = isNear && isNextLost
    if (isLost) isNextLost = false
    return isLost
  })
  const listen = (name: string, types: readonly string[], target: PageConnection | ChannelFace) => {
    for (const type of types)
      target.addEventListener(type, (event) => {
        heard.push(`${name} ${type} ${(event as { data?: string }).data} at ${time.now.toFixed(3)}`)
        if (type === thrower) throw new Error('planted')
      })
  }
  listen('near x', OF_CHANNELS, channel)
  listen('near y', OF_CHANNELS, near.createDataChannel('y'))
  far.addEventListener('datachannel', (event) => {
    const { channel } = event as SimEvent & { channel: ChannelFace }
    listen(`far ${channel.label}`, OF_CHANNELS, channel)
  })
  for (const [name, end] of Object.entries({ near, far })) listen(name, OF_CONNECTIONS, end)
  channel.addEventListener('open', () => channel.send('early'))
  time.at(1000, () => {
    isNextLost = true
    for (const text of ['lost once', 'waits', 'waits, too']) channel.send(text)
  })
  time.at(5000, () => near.close())
  await time.run(() => false)
  return { heard, errors: time.errors }
}

const OF_CHANNELS = ['open', 'message', 'closing', 'error', 'close']
const OF_CONNECTIONS = [
  ...['signalingstatechange', 'icecandidate', 'icegatheringstatechange', 'iceconnectionstatechange'],
  ...['connectionstatechange', 'datachannel']
]

describe('a handler that throws', () => {
  for (const type of [...OF_CHANNELS, ...OF_CONNECTIONS])
    it(`of ${type} keeps no other event from coming`, async () => {
      const [sound, throwing] = [await heardWith(), await heardWith(type)]
      assert.deepEqual(throwing.heard, sound.heard)
      assert.deepEqual(sound.errors, [])
      assert.equal(throwing.errors.length, sound.heard.filter((each) => each.includes(` ${type} `)).length)
      assert.ok(throwing.errors.length > 0)
    })
})

describe('a channel with few bytes left', () => {
  type Attach = (channel: ChannelFace, handler: () => void) => void
  const ways: Record<string, Attach> = {
    'a handler': (channel, handler) => {
      Emitter.defineHandler(Object.getPrototypeOf(channel) as Emitter, 'bufferedamountlow')
      Object.assign(channel, { onbufferedamountlow: handler })
    },
    'a listener': (channel, handler) => channel.addEventListener('bufferedamountlow', handler)
  }
  for (const [name, attach] of Object.entries(ways))
    for (const order of ['before', 'after'])
      it(`tells ${name} that was attached ${order} sending`, async () => {
        const { time, channel } = connect(() => false)
        // 1,320: what does not fit into the windows of four round trips waits, and keeps it from being told.
        const told: number[] = []
        const attachNow = () => attach(channel, () => told.push(Math.floor(time.now)))
        time.at(1000, () => {
          if (order === 'before') attachNow()
          channel.send('x'.repeat(100_000))
          if (order === 'after') time.at(1010, attachNow)
        })
        time.at(5000, () => channel.send('again'))
        await time.run(() => false)
        assert.deepEqual(told, [1320, 5000])
      })
})

it('a channel that its page closes as it opens says nothing of opening', async () => {
  let isCut = false
  const { time, near } = connect((isNear) => isNear && isCut)
  const waiting = near.createDataChannel('a', { maxPacketLifeTime: 400 })
  let opening: ChannelFace | undefined
  const heard: string[] = []
  time.at(1000, () => {
    isCut = true
    waiting.addEventListener('bufferedamountlow', () => opening!.close())
    for (let sent = 0; sent < 40; sent++) waiting.send(new Uint8Array(1000))
  })
  // What waits has expired: the first packet of another channel takes it out of the queue.
  time.at(1408, () => {
    opening = near.createDataChannel('b')
    for (const type of ['open', 'close']) opening.addEventListener(type, () => heard.push(type))
  })
  await time.run(() => time.now > 1500)
  assert.deepEqual(heard, ['close'])
})
