import { SimDataChannel } from './data-channel'
import { SimPeerConnection, type ConnectionPage } from './peer-connection'
import { SignallingThread } from './signalling-thread'
import { IceCandidate, SessionDescription } from './signals'

/** WebRTC's constructors, as a page finds them among its globals. */
export function webRtcOf(parts: Omit<ConnectionPage, 'signalling'>): {
  RTCPeerConnection: new (configuration?: RTCConfiguration | null) => SimPeerConnection
  RTCDataChannel: typeof SimDataChannel
  RTCSessionDescription: typeof SessionDescription
  RTCIceCandidate: typeof IceCandidate
} {
  const page = { ...parts, signalling: new SignallingThread(parts.thread) }
  class RTCPeerConnection extends SimPeerConnection {
    constructor(configuration?: RTCConfiguration | null) {
      super(page, configuration)
    }
  }
  return {
    RTCPeerConnection,
    RTCDataChannel: SimDataChannel,
    RTCSessionDescription: SessionDescription,
    RTCIceCandidate: IceCandidate
  }
}
