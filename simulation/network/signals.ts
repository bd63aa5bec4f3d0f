/** What two ends of a connection tell each other through the Lighthouse. */

/** As in browsers, copies such as `{ ...candidate }` are empty. */
class Signal {
  constructor(members: object) {
    for (const [name, value] of Object.entries(members))
      Object.defineProperty(this, name, { value, writable: true })
  }
  toJSON(): object {
    const names = Object.getOwnPropertyNames(this)
    return Object.fromEntries(names.map((name) => [name, Reflect.get(this, name) as unknown]))
  }
}

export class SessionDescription extends Signal {
  declare readonly type: string
  declare readonly sdp: string
  constructor({ type, sdp = '' }: { type: string; sdp?: string }) {
    super({ type, sdp })
  }
}

export class IceCandidate extends Signal {
  declare readonly candidate: string
  declare readonly sdpMid: string | null
  declare readonly sdpMLineIndex: number | null
  constructor({ candidate = '', sdpMid = null, sdpMLineIndex = null }: RTCIceCandidateInit) {
    if (sdpMid === null && sdpMLineIndex === null)
      throw new TypeError('sdpMid and sdpMLineIndex are both null.')
    super({ candidate, sdpMid, sdpMLineIndex, usernameFragment: null })
  }
}

/** A connection, which of its drafts, and its candidate if that was known when it was described. */
const DESCRIPTION = /^sim:(\d+)(?:#(\d+))?(\r\na=candidate:.*)?\s*$/

/** The text of a session description. */
export function sdpOf(connection: number, draft: number, isGathered: boolean): string {
  const keys = draft > 1 ? `#${draft}` : ''
  return `sim:${connection}${keys}${isGathered ? `\r\na=${candidateOf(connection)}\r\n` : ''}`
}

export function candidateOf(connection: number): string {
  return `candidate:1 1 udp 1 10.0.0.1 ${connection} typ host`
}

/** Whether a connection of a simulation has gathered it. */
export const isCandidate = (text: string) => /^candidate:1 1 udp 1 10\.0\.0\.1 \d+ typ host$/.test(text)

/** Undefined if no connection of a simulation has described it. */
export function connectionIn(sdp: string) {
  const [, id, draft = 1, candidate] = DESCRIPTION.exec(sdp) ?? []
  if (id === undefined) return undefined
  return { id: Number(id), draft: Number(draft), hasCandidate: candidate !== undefined }
}
