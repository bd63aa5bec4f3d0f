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
    if (sdpMid === null && sdpMLineIndex === null)
      throw new TypeError('sdpMid and sdpMLineIndex are both null.')
    this.candidate = candidate
    this.sdpMid = sdpMid
    this.sdpMLineIndex = sdpMLineIndex
  }
  toJSON(): object {
    const { candidate, sdpMid, sdpMLineIndex } = this
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment: null }
  }
}

/** A connection, and its candidate if that was known when it was described. */
const DESCRIPTION = /^sim:(\d+)(\r\na=candidate:.*)?\s*$/

/** The text of a session description. */
export function sdpOf(connection: number, isGathered: boolean): string {
  return `sim:${connection}${isGathered ? `\r\na=${candidateOf(connection)}\r\n` : ''}`
}

export function candidateOf(connection: number): string {
  return `candidate:1 1 udp 1 10.0.0.1 ${connection} typ host`
}

/** Whether a connection of a simulation has gathered it. */
export const isCandidate = (text: string) => /^candidate:1 1 udp 1 10\.0\.0\.1 \d+ typ host$/.test(text)

/** Undefined if no connection of a simulation has described it. */
export function connectionIn(sdp: string): { id: number; hasCandidate: boolean } | undefined {
  const [, id, candidate] = DESCRIPTION.exec(sdp) ?? []
  return id === undefined ? undefined : { id: Number(id), hasCandidate: candidate !== undefined }
}
