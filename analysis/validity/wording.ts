/** How reasons refer to peers and numbers. */
import type { PeerFacts } from './facts'

const NAMED_AT_MOST = 3

/** The peer that a reason is about, if there is exactly one. */
export function subjectOf(peers: readonly PeerFacts[]): { subject?: string } {
  return peers.length === 1 ? { subject: peers[0]!.id } : {}
}

/** `peer a`, or `3 peers (a, b, c)`: names only a few, and shortens long ids. */
export function named(peers: readonly PeerFacts[]): string {
  if (peers.length === 1) return `peer ${peers[0]!.id}`
  const ids = peers.slice(0, NAMED_AT_MOST).map(({ id }) => shortened(id))
  return `${peers.length} peers (${ids.join(', ')}${peers.length > NAMED_AT_MOST ? ', …' : ''})`
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}

export function milliseconds(value: number): string {
  return `${Number(value.toPrecision(3))} ms`
}

function shortened(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`
}
