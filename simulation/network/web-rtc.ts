import type { ChannelFace, SimDataChannel } from './data-channel'
import { EMIT, Emitter, LISTENED } from './emitter'
import { delegate } from './face'
import { SimPeerConnection, type ConnectionPage } from './peer-connection'
import { signallingThread } from './signalling-thread'
import { IceCandidate, SessionDescription } from './signals'

const OF_CONNECTIONS = {
  attributes:
    'connectionState iceConnectionState iceGatheringState signalingState localDescription remoteDescription sctp',
  methods:
    'createDataChannel createOffer createAnswer addIceCandidate setLocalDescription setRemoteDescription getStats close'
}
const OF_CHANNELS = {
  attributes:
    'label ordered maxRetransmits maxPacketLifeTime protocol negotiated id readyState reliable bufferedAmount',
  writable: 'binaryType bufferedAmountLowThreshold',
  methods: 'send close'
}
/** There is none. */
const OF_MEDIA = ['getTransceivers', 'getSenders', 'getReceivers']

/** A connection as its page sees it. */
export type PageConnection = Emitter & Omit<SimPeerConnection, 'owner' | 'isClosed' | 'notice'>

/**
 * WebRTC's constructors, as a page finds them among its globals. Code of the page may extend them, and set
 * fields of any name on their objects: they are not the simulation's own.
 */
export function webRtcOf(parts: Omit<ConnectionPage, 'signal' | 'faceOf'>) {
  class RTCDataChannel extends Emitter {
    readonly #channel: SimDataChannel

    constructor(channel: SimDataChannel) {
      super()
      this.#channel = channel
    }

    protected override [LISTENED](): void {
      this.#channel.awaitLow()
    }

    static {
      delegate(this.prototype, (face) => face.#channel, OF_CHANNELS)
    }
  }
  const faceOf = (channel: SimDataChannel) => new RTCDataChannel(channel) as unknown as ChannelFace
  const page = { ...parts, signal: signallingThread(parts.thread), faceOf }

  class RTCPeerConnection extends Emitter {
    readonly #connection: SimPeerConnection

    constructor(configuration?: RTCConfiguration | null) {
      super()
      this.#connection = new SimPeerConnection(page, (event) => this[EMIT](event), configuration)
    }

    /** The event never happens here: nobody may wait for it. */
    protected override [LISTENED](type: string): void {
      if (type === 'negotiationneeded') page.refuse("RTCPeerConnection's negotiationneeded")
    }

    static {
      delegate(this.prototype, (face) => face.#connection, OF_CONNECTIONS)
      for (const name of OF_MEDIA)
        Object.defineProperty(this.prototype, name, {
          ...{ configurable: true, enumerable: true, writable: true },
          value: () => []
        })
    }
  }
  return {
    RTCPeerConnection: RTCPeerConnection as unknown as new () => PageConnection,
    RTCDataChannel: RTCDataChannel as object,
    RTCSessionDescription: SessionDescription,
    RTCIceCandidate: IceCandidate
  }
}
