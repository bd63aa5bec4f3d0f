/** Waits until a peer's part of the mesh stands, so that connecting does not pollute what is measured. */
import type { MeshPeer } from './mesh-peer'

const POLL_MS = 100
/** Where fewer connections than wanted come about, this long without a new one is taken for the end of it. */
const SETTLED_MS = 3000
/** A peer that knows no other is the first: the others will find it. */
const ALONE_MS = 1000
/** An overloaded machine takes long; whether it was fit to tell is for the rules of validity to say. */
const TIMEOUT_MS = 60_000

/**
 * Resolves when `peer` has as many connections as it wants, or as there are peers that it knows. With `mustReach` it rejects where they
 * stay too few. Otherwise it rejects where none opens and `others`, those of the same page, have none either: then no connection can
 * come about here. Where they have some, a lonely peer is a finding about the mesh, and no reason not to measure it.
 */
export async function awaitMesh(
  peer: MeshPeer,
  wanted: number,
  mustReach: boolean,
  others: () => MeshPeer[]
): Promise<void> {
  const begin = performance.now()
  let connected = 0
  let changedAt = begin
  for (;;) {
    const now = performance.now()
    const count = peer.connectedPeers().length
    if (count !== connected) changedAt = now
    connected = count
    if (connected >= wanted) return

    const unchangedFor = now - changedAt
    const known = peer.knownPeers()
    if (!mustReach) {
      if (known === 0 && unchangedFor >= ALONE_MS) return
      if (connected > 0 && (connected >= known || unchangedFor >= SETTLED_MS)) return
    }
    if (now - begin > TIMEOUT_MS) {
      if (connected > 0 && !mustReach) return
      const isLonely = !mustReach && others().some((other) => other.connectedPeers().length > 0)
      if (!isLonely) throw new Error(explain(connected, wanted))
      peer.noteError(`No connection opened in ${TIMEOUT_MS / 1000} s, while others on the page have some`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function explain(connected: number, wanted: number): string {
  if (connected > 0) {
    return `The full mesh did not come about in ${TIMEOUT_MS / 1000} s: a peer has ${connected} of ${wanted} connections. Do meshPeers peers run?`
  }
  return (
    `No WebRTC connection opened in ${TIMEOUT_MS / 1000} s, although other peers are known. On one machine start Chromium with ` +
    '--disable-features=WebRtcHideLocalIpsWithMdns; without a default route also --allow-loopback-in-peer-connection and ' +
    'camera permission for the page; between networks set iceServers'
  )
}
