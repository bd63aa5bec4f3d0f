import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { ConnectionRegistry } from './connection-registry'
import { webRtcOf, type ConnectionPage, type SimPeerConnection } from './peer-connection'

it('A page prepares offers one after the other, and other pages do not wait for it', async () => {
  const time = new VirtualTime()
  const registry = new ConnectionRegistry<SimPeerConnection>()
  const pageOf = () => webRtcOf({ thread: new Thread(time), registry } as ConnectionPage)
  const [one, other] = [pageOf(), pageOf()]
  const ready: string[] = []
  const offer = async (name: string, { RTCPeerConnection }: typeof one) => {
    await new RTCPeerConnection().createOffer()
    ready.push(`${name} at ${time.now}`)
  }
  const offers = [offer('first', one), offer('second', one), offer('third', one), offer('elsewhere', other)]
  await time.run(() => false)
  await Promise.all(offers)
  assert.deepEqual(ready.sort(), ['elsewhere at 1', 'first at 1', 'second at 2', 'third at 3'])
})
