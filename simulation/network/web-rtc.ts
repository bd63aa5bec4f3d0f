import { SimDataChannel } from './data-channel'
import { EMIT, Emitter, LISTEN } from './emitter'
import { SimPeerConnection, type ConnectionPage } from './peer-connection'
import { SignallingThread } from './signalling-thread'
import { IceCandidate, SessionDescription } from './signals'

const ATTRIBUTES = [
  ...(['connectionState', 'iceConnectionState', 'iceGatheringState', 'signalingState'] as const),
  ...(['localDescription', 'remoteDescription', 'sctp'] as const)
]
const METHODS = [
  ...(['createDataChannel', 'createOffer', 'createAnswer', 'addIceCandidate'] as const),
  ...(['setLocalDescription', 'setRemoteDescription', 'getStats', 'close'] as const)
]
/** There is none. */
const OF_MEDIA = ['getTransceivers', 'getSenders', 'getReceivers']

/** A connection as its page sees it. */
export type PageConnection = Emitter &
  Pick<SimPeerConnection, (typeof ATTRIBUTES)[number] | (typeof METHODS)[number]>

/** WebRTC's constructors, as a page finds them among its globals. */
export function webRtcOf(parts: Omit<ConnectionPage, 'signalling'>): {
  RTCPeerConnection: new (configuration?: RTCConfiguration | null) => PageConnection
  RTCDataChannel: typeof SimDataChannel
  RTCSessionDescription: typeof SessionDescription
  RTCIceCandidate: typeof IceCandidate
} {
  const page = { ...parts, signalling: new SignallingThread(parts.thread) }
  /** Classes of the page may extend it, and have members of any name: they are not the connection's own. */
  class RTCPeerConnection extends Emitter {
    readonly #connection: SimPeerConnection

    constructor(configuration?: RTCConfiguration | null) {
      super()
      this.#connection = new SimPeerConnection(page, (event) => this[EMIT](event), configuration)
    }

    /** The event never happens here: nobody may wait for it. */
    protected override [LISTEN](...parameters: Parameters<Emitter['addEventListener']>): void {
      if (parameters[0] === 'negotiationneeded') page.refuse("RTCPeerConnection's negotiationneeded")
      super[LISTEN](...parameters)
    }

    static {
      for (const name of ATTRIBUTES)
        Object.defineProperty(this.prototype, name, {
          ...{ configurable: true, enumerable: true },
          get(this: RTCPeerConnection) {
            return this.#connection[name]
          }
        })
      for (const name of METHODS)
        Object.defineProperty(this.prototype, name, {
          ...{ configurable: true, enumerable: true, writable: true },
          value(this: RTCPeerConnection, ...given: unknown[]) {
            return Reflect.apply(this.#connection[name], this.#connection, given) as unknown
          }
        })
      for (const name of OF_MEDIA)
        Object.defineProperty(this.prototype, name, {
          ...{ configurable: true, enumerable: true, writable: true },
          value: () => []
        })
    }
  }
  return {
    RTCPeerConnection: RTCPeerConnection as unknown as new () => PageConnection,
    RTCDataChannel: SimDataChannel,
    RTCSessionDescription: SessionDescription,
    RTCIceCandidate: IceCandidate
  }
}
