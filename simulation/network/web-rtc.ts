import type { Thread } from '../engine/thread'
import type { ChannelFace, SimDataChannel } from './data-channel'
import { EMIT, Emitter, LISTENED } from './emitter'
import { delegate } from './face'
import { SimPeerConnection, type ConnectionPage } from './peer-connection'
import { IceCandidate, SessionDescription } from './signals'

const OF_CONNECTIONS = {
  attributes:
    'connectionState iceConnectionState iceGatheringState signalingState localDescription remoteDescription sctp',
  methods:
    'createDataChannel createOffer createAnswer addIceCandidate setLocalDescription setRemoteDescription getStats ' +
    'getTransceivers getSenders getReceivers close'
}
const OF_CHANNELS = {
  attributes:
    'label ordered maxRetransmits maxPacketLifeTime protocol negotiated id readyState reliable bufferedAmount',
  writable: 'binaryType bufferedAmountLowThreshold',
  methods: 'send close'
}

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
      const innerOf = (face: RTCPeerConnection, given?: readonly unknown[]) =>
        given?.some((each) => typeof each === 'function')
          ? page.refuse('RTCPeerConnection with callbacks')
          : face.#connection
      delegate(this.prototype, innerOf, OF_CONNECTIONS)
    }
  }
  return {
    RTCPeerConnection: RTCPeerConnection as unknown as new (
      configuration?: RTCConfiguration | null
    ) => PageConnection,
    RTCDataChannel: RTCDataChannel as object,
    RTCSessionDescription: SessionDescription,
    RTCIceCandidate: IceCandidate
  }
}

/**
 * ms by which descriptions can queue up. Machines are infinitely fast: a page of 50 peers must not need so
 * long for its full mesh that the library gives up on its connections.
 */
const LONGEST_QUEUE_MS = 100

/**
 * Chromium has one signalling thread for all connections of a page. Descriptions that are asked for at once
 * are ready one after the other, so the peers that a newcomer dials do not hear from it in the same instant.
 */
function signallingThread(thread: Thread) {
  let freeAt = 0
  return (milliseconds: number, task: () => void): void => {
    const { now } = thread.time
    freeAt = Math.min(Math.max(freeAt, now) + milliseconds, now + LONGEST_QUEUE_MS)
    thread.at(freeAt, task)
  }
}
