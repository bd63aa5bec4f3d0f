import type { Peer, PeerSocket } from './peers'

/** Bytes that may wait for a peer that does not read; beyond that, the peer is cut off. */
const MAX_UNSENT_BYTES = 1024 * 1024
/** Bytes that may wait for all peers together; beyond that, each peer may have only {@link CROWDED_BYTES}. */
const MAX_UNSENT_IN_ALL = 64 * 1024 * 1024
const CROWDED_BYTES = 16 * 1024

/** Sockets with much unsent data. Shared by the whole process, because they share its memory. */
const slowSockets = new Set<PeerSocket>()

/** Sends a message if the socket is open; the close event deals with sockets that are not. */
export function send(socket: PeerSocket, message: object): void {
  if (socket.readyState !== socket.OPEN) return
  socket.send(JSON.stringify(message))
  if (socket.bufferedAmount <= CROWDED_BYTES) return
  slowSockets.add(socket)
  if (socket.bufferedAmount > MAX_UNSENT_BYTES || unsentInAll() > MAX_UNSENT_IN_ALL) {
    slowSockets.delete(socket)
    socket.terminate()
  }
}

function unsentInAll(): number {
  let bytes = 0
  for (const socket of slowSockets) {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount > CROWDED_BYTES)
      bytes += socket.bufferedAmount
    else slowSockets.delete(socket)
  }
  return bytes
}

/** Sends a peer a frame from the Lighthouse. Clients ignore a frame with another client's `dst`. */
export function notify(peer: Peer, src: string, type: string, payload?: object): void {
  send(peer.socket, { type, src, dst: peer.id, payload })
}
