/** Waits until a peer has its connections, so that connecting does not pollute the measurement. */
import type { MeshPeer } from './mesh-peer'
import type { LibraryPeer } from './peer-libraries/peer-library'

/** What it takes to watch a peer's part of the mesh. */
interface Watched extends Pick<MeshPeer, 'noteError'> {
  libraryPeer: Pick<LibraryPeer, 'connectedPeers' | 'knownPeers'>
}

const POLL_MS = 25
/** A peer whose connections have not changed for this long is assumed to have all it will get. */
const SETTLED_MS = 3000
/** A peer that knows no other peer for this long is the first one; the others will find it. */
const ALONE_MS = 1000
/** Generous: the validity rules judge whether an overloaded machine was fit to measure. */
const TIMEOUT_MS = 60_000

/** A newcomer's dials on one machine take 20 to 60 ms. */
const DIAL_WITHIN_MS = 75
const DIAL_POLL_MS = 5

const IN_BROWSERS =
  'On one machine start Chromium with --disable-features=WebRtcHideLocalIpsWithMdns; without a default route also ' +
  '--allow-loopback-in-peer-connection and camera permission for the page; between networks set iceServers'

/** It stays so: builds of layers discard offers for a link that is open at their end. */
const ONE_SIDED =
  'It knows them all: on a busy machine a link may open at one end only. With --mesh usual no peer waits for all'

/** Resolves when `peer`, which has just entered, has `wanted` connections, or after DIAL_WITHIN_MS. */
export async function awaitDials({ libraryPeer }: Watched, wanted: number): Promise<void> {
  const latest = performance.now() + DIAL_WITHIN_MS
  while (libraryPeer.connectedPeers().length < wanted && performance.now() < latest) await pause(DIAL_POLL_MS)
}

/**
 * Resolves when `peer` has as many connections as it wants, or one to each peer it knows. Rejects at the time
 * limit if `mustReach`, or if none opens and `others`, the page's peers, have none either: WebRTC cannot
 * connect here. If they have some, a lonely peer is a finding about the mesh. `trouble`: what keeps peers
 * apart.
 */
export async function awaitMesh(
  peer: Watched,
  wanted: number,
  mustReach: boolean,
  others: () => Watched[],
  trouble?: string
): Promise<void> {
  const begin = performance.now()
  let connected = 0
  let changedAt = begin
  for (;;) {
    const now = performance.now()
    const count = peer.libraryPeer.connectedPeers().length
    if (count !== connected) changedAt = now
    connected = count
    if (connected >= wanted) return

    const unchangedFor = now - changedAt
    const known = peer.libraryPeer.knownPeers()
    if (!mustReach) {
      if (known === 0 && unchangedFor >= ALONE_MS) return
      if (connected > 0 && (connected >= known || unchangedFor >= SETTLED_MS)) return
    }
    if (now - begin > TIMEOUT_MS) {
      if (connected > 0 && !mustReach) return
      const isLonely = !mustReach && others().some((other) => other.libraryPeer.connectedPeers().length > 0)
      const partial = `The full mesh did not form in ${TIMEOUT_MS / 1000} s: a peer has ${connected} of ${wanted} connections. ${known < wanted ? 'Do meshPeers peers run?' : ONE_SIDED}`
      if (!isLonely) throw new Error(connected > 0 ? partial : noConnectionIn(TIMEOUT_MS, trouble))
      peer.noteError(`No connection opened in ${TIMEOUT_MS / 1000} s, while others on the page have some`)
      return
    }
    await pause(POLL_MS)
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
}

/** One line that says what to try. `trouble`: what keeps peers from connecting, if that is known. */
export function noConnectionIn(ms: number, trouble = IN_BROWSERS): string {
  return `No WebRTC connection opened in ${ms / 1000} s, although other peers are known. ${trouble}`
}
