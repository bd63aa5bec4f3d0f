/** Notices peers that look connected and hear nothing: the worst failure, because every other figure looks good. */
import type { MeshPeer } from './mesh-peer'

/** Others send ten times a second; a mesh that is being built again takes some seconds. */
const SILENCE_MS = 10_000

/** One line about a peer that has had no message in `elapsed` ms, or undefined where all is well. */
export function deadReceiver(peers: MeshPeer[], elapsed: number, othersSend: boolean): string | undefined {
  if (!othersSend || elapsed < SILENCE_MS) return undefined
  const dead = peers.find((peer) => {
    const hasListened = peer.presence !== undefined && peer.timeInRoom() >= SILENCE_MS
    return hasListened && peer.connectedPeers().length > 0 && peer.ledger.total.received === 0
  })
  if (!dead) return undefined
  const { received } = dead.traffic.wire
  const seconds = Math.round(elapsed / 1000)
  return received > 0
    ? `DEAD RECEIVER: peer ${dead.id} is connected and got ${received} packets in ${seconds} s, but not one message: the library throws them away. Is "long" wired into its protobufjs (client/peer-libraries/long.ts)?`
    : `DEAD RECEIVER: peer ${dead.id} is connected, but not one packet reached it in ${seconds} s`
}
