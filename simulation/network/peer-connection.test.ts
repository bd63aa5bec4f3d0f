import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from './connection-registry'
import { webRtcOf, type ConnectionPage, type SimPeerConnection } from './peer-connection'

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
