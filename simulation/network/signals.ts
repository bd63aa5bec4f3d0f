/** What two ends of a connection tell each other through the Lighthouse. */

export class SessionDescription {
  readonly type: string
  readonly sdp: string
  constructor({ type, sdp = '' }: { type: string; sdp?: string }) {
    this.type = type
    this.sdp = sdp
  }
  toJSON(): object {
    return { type: this.type, sdp: this.sdp }
  }
}

export class IceCandidate {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
  readonly usernameFragment = null
  constructor({ candidate = '', sdpMid = null, sdpMLineIndex = null }: RTCIceCandidateInit) {
    this.candidate = candidate
    this.sdpMid = sdpMid
    this.sdpMLineIndex = sdpMLineIndex
  }
  toJSON(): object {
    const { candidate, sdpMid, sdpMLineIndex } = this
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment: null }
  }
}
