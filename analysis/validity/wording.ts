/** How reasons refer to peers and numbers. */
import type { Finding, PeerFacts } from './facts'

const NAMED_AT_MOST = 3

/** Undefined if no peer breaks the rule. `describe` gets `peer a`, or `3 peers (a, b, c)`, ids shortened. */
export function findingOn(
  peers: readonly PeerFacts[],
  describe: (named: string) => Finding
): Finding | undefined {
  if (peers.length === 0) return undefined
  if (peers.length === 1) return { subject: peers[0]!.id, ...describe(`peer ${peers[0]!.id}`) }
  const ids = peers.slice(0, NAMED_AT_MOST).map(({ id }) => shortened(id))
  return describe(`${peers.length} peers (${ids.join(', ')}${peers.length > NAMED_AT_MOST ? ', …' : ''})`)
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
