import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WebRtc } from '../peer-libraries/peer-library'
import { Traffic } from './traffic'

/** A channel whose `onmessage` works as the browser's: an accessor of the prototype. */
class Channel extends EventTarget {
  readonly readyState = 'open'
  private handler: ((event: Event) => void) | null = null

  constructor() {
    super()
    this.addEventListener('message', (event) => this.handler?.(event))
  }
  get onmessage() {
    return this.handler
  }
  set onmessage(handler) {
    this.handler = handler
  }
  send(): void {
    // Nobody is there.
  }
}

/** The simulation's: a field that it reads at each message. */
class PlainChannel extends EventTarget {
  readonly readyState = 'open'
  onmessage: ((event: Event) => void) | null = null

  constructor() {
    super()
    this.addEventListener('message', (event) => this.onmessage?.(event))
  }
  send(): void {
    // Nobody is there.
  }
}

for (const [name, Kind] of Object.entries({ 'a browser’s': Channel, 'the simulation’s': PlainChannel }))
  describe(`messages on ${name} channel`, () => {
    function open() {
      class Connection extends EventTarget {
        createDataChannel() {
          return new Kind()
        }
      }
      const traffic = new Traffic(() => undefined)
      const { RTCPeerConnection } = traffic.webRtc({ RTCPeerConnection: Connection } as unknown as WebRtc)
      const channel = new RTCPeerConnection().createDataChannel('data')
      const arrive = () => channel.dispatchEvent(new MessageEvent('message', { data: new ArrayBuffer(7) }))
      return { traffic, channel, arrive }
    }

    it('are counted once each, however the library listens', () => {
      const { traffic, channel, arrive } = open()
      let handled = 0
      const note = () => handled++
      arrive()
      channel.onmessage = note
      arrive()
      channel.addEventListener('message', note)
      arrive()
      channel.onmessage = null
      arrive()
      assert.deepEqual([handled, traffic.wire.received, traffic.wire.receivedBytes], [4, 4, 28])
    })
  })
