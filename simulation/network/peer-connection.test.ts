import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from './connection-registry'
import type { SimDataChannel } from './data-channel'
import type { SimEvent } from './emitter'
import { Line } from './line'
import { webRtcOf, type ConnectionPage, type SimPeerConnection } from './peer-connection'
import { Sctp } from './sctp'

/** The order in which offers that are asked for at once are ready, and the virtual ms at which each is. */
async function readyOffers(pages: readonly string[]): Promise<[page: string, at: number][]> {
  const time = new VirtualTime()
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const parts = new Map(
    pages.map((page) => [page, webRtcOf({ thread: new Thread(time), registry } as ConnectionPage)])
  )
  const ready: [string, number][] = []
  const offers = pages.map(async (page) => {
    await new (parts.get(page)!.RTCPeerConnection)().createOffer()
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
        ['one', 1.5],
        ['other', 1.5],
        ['one', 3],
        ['one', 4.5]
      ]
    )
  })

  it('prepares any number of offers before a library gives up on them', async () => {
    const ready = await readyOffers(Array.from({ length: 2000 }, () => 'one'))
    assert.equal(Math.max(...ready.map(([, at]) => at)), 100)
  })
})

/**
 * What the far end hears when a connection is closed at 1 s, right after a message. Packets take 40 ms;
 * `isLost` decides which of the closing end's are lost from then on.
 */
async function closing(
  isLost: (sent: number) => boolean,
  isPlain: boolean
): Promise<{ heard: string[]; sent: number }> {
  const time = new VirtualTime()
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const heard: string[] = []
  let sent = 0
  let isAtEnd = false
  const pageOf = (isClosing: boolean) => {
    const forward = () => (isClosing && isAtEnd && isLost(sent++) ? undefined : time.now + 40)
    return webRtcOf({
      thread: new Thread(time),
      registry,
      copy: (bytes) => bytes,
      onPacket: () => undefined,
      network: {
        delayOf: () => 40,
        isOpen: () => true,
        association: (_from, _to, { thread: sender }, { thread: receiver }) =>
          isPlain
            ? { open: (_, deliver) => new Line(receiver, forward, deliver) }
            : new Sctp({ sender, receiver, forward, back: () => time.now + 40 })
      }
    })
  }
  const [near, far] = [true, false].map((isClosing) => new (pageOf(isClosing).RTCPeerConnection)())
  const channel = near!.createDataChannel('x')
  const note = (what: string) => heard.push(`${what} at ${Math.round(time.now)}`)
  far!.addEventListener('datachannel', (event) => {
    const { channel: other } = event as SimEvent & { channel: SimDataChannel }
    for (const type of ['message', 'closing', 'close']) other.addEventListener(type, () => note(type))
    other.addEventListener('error', (failed) => {
      const { name, errorDetail, sctpCauseCode } = (failed as SimEvent & { error: RTCError }).error
      note(`${other.readyState}: ${name} ${errorDetail} ${sctpCauseCode}`)
    })
    far!.addEventListener('connectionstatechange', () => note(far!.connectionState))
  })
  const described = (async () => {
    await near!.setLocalDescription(await near!.createOffer())
    await far!.setRemoteDescription(near!.localDescription!)
    await far!.setLocalDescription(await far!.createAnswer())
    await near!.setRemoteDescription(far!.localDescription!)
    await Promise.all([near!.addIceCandidate(), far!.addIceCandidate()])
  })()
  time.at(1000, () => {
    isAtEnd = true
    channel.send('last')
    near!.close()
  })
  await time.run(() => false)
  await described
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
})
