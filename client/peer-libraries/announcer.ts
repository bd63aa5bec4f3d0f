/**
 * Sends a peer's position to the Lighthouse as soon as it can keep it. The libraries send it up to five
 * seconds later; a peer that joins before that picks its neighbours in an order that no seed decides.
 *
 * With islands, the Lighthouse keeps the position from the moment it accepts the peer, and assigns an island
 * by it. With layers, a real one keeps it only for peers already in a layer, so it is sent again after
 * joining one.
 */
import type { Position } from '../messages/comms-message'

/** Metres; Decentraland's unit of land. */
const PARCEL_SIDE = 16

export class Announcer {
  private socket: WebSocket | undefined
  private announcement: string | undefined

  constructor(private readonly position: () => Position) {}

  /** Passed as the libraries' `socketBuilder` option: the socket announces the peer once it is accepted. */
  readonly openSocket = (url: string): WebSocket => {
    const socket = (this.socket = new WebSocket(url))
    socket.addEventListener('message', ({ data }) => {
      if (!isAcceptance(data)) return
      this.announcement = heartbeat(this.position())
      socket.send(this.announcement)
    })
    return socket
  }

  /** Asking for the position again would make the library draw out of turn (library-randomness.ts). */
  repeat(): void {
    if (this.announcement !== undefined && this.socket?.readyState === OPEN)
      this.socket.send(this.announcement)
  }
}

/** `WebSocket.OPEN`. */
const OPEN = 1

function isAcceptance(data: unknown): boolean {
  return typeof data === 'string' && (JSON.parse(data) as { type?: unknown }).type === 'VALIDATION_OK'
}

/** In the libraries' format. */
function heartbeat(position: Position): string {
  const parcel = [position[0], position[2]].map((metres) => Math.floor(metres / PARCEL_SIDE))
  return JSON.stringify({ type: 'HEARTBEAT', payload: { connectedPeerIds: [], position, parcel } })
}
