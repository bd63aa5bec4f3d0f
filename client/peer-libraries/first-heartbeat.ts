/**
 * Tells the Lighthouse where a peer stands as soon as it is accepted. The libraries tell it by their first heartbeat, up to five seconds
 * later: whoever joins before that finds peers without a position, and picks its neighbours among them in an order that no seed decides.
 */
import type { Position } from '../messages/comms-message'

/** Metres; Decentraland's unit of land. */
const PARCEL_SIDE = 16

/** For the libraries' option `socketBuilder`. */
export function socketWithHeartbeat(position: () => Position): (url: string) => WebSocket {
  return (url) => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }) => {
      if (isAcceptance(data)) socket.send(heartbeat(position()))
    })
    return socket
  }
}

function isAcceptance(data: unknown): boolean {
  return typeof data === 'string' && (JSON.parse(data) as { type?: unknown }).type === 'VALIDATION_OK'
}

/** As the libraries send it. */
function heartbeat(position: Position): string {
  const parcel = [position[0], position[2]].map((metres) => Math.floor(metres / PARCEL_SIDE))
  return JSON.stringify({ type: 'HEARTBEAT', payload: { connectedPeerIds: [], position, parcel } })
}
