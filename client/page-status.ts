/** What the page reports to its runner. */
import { LIMITS } from '../protocol/limits'
import type { PageStatus } from '../protocol/page'
import { CONNECTION_LIMIT } from './measurement/traffic'
import type { TestRun } from './test-run'

const MANY_CONNECTIONS = 0.8 * CONNECTION_LIMIT

/** Totals of all peers of the page. Sums over time include peers that have left. */
export function totalsOf({ meshPeers, departed }: TestRun) {
  const everyone = [...meshPeers, ...departed]
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return {
    /** Open connections. A link between two peers of this page counts twice. */
    connected: sum(meshPeers.map((peer) => peer.libraryPeer.connectedPeers().length)),
    known: Math.max(0, ...meshPeers.map((peer) => peer.libraryPeer.knownPeers())),
    sent: sum(everyone.map(({ ledger }) => ledger.total.sent)),
    received: sum(everyone.map(({ ledger }) => ledger.total.received)),
    relayed: sum(everyone.map((peer) => peer.libraryPeer.relayedPackets())),
    duplicates: sum(everyone.map(({ ledger }) => ledger.total.duplicates)),
    connectionsCreated: sum(everyone.map(({ traffic }) => traffic.connections.created))
  }
}

/** Each link of this page's peers, counted once. */
export function linksOf(meshPeers: TestRun['meshPeers']): number {
  const pairs = meshPeers.flatMap((peer) =>
    peer.libraryPeer.connectedPeers().map((other) => [peer.id, other].sort().join(' '))
  )
  return new Set(pairs).size
}

/** `run` is undefined if the address is wrong. If `failure` is given, the phase is `failed`. */
export function statusOf(run: TestRun | undefined, failure: string | undefined): PageStatus {
  const totals = run && totalsOf(run)
  const error = failure ?? run?.trouble ?? (totals && connectionWarning(totals.connectionsCreated))
  return {
    phase: failure === undefined ? (run?.phase ?? 'connecting') : 'failed',
    peers: { wanted: run?.slots.length ?? 0, ready: run?.ready ?? 0, done: run?.done ?? 0 },
    connected: totals?.connected ?? 0,
    messagesReceived: totals?.received ?? 0,
    messagesSent: totals?.sent ?? 0,
    tickLatenessP95: run?.recorder?.tickLatenessP95 ?? 0,
    connectionsCreated: totals?.connectionsCreated ?? 0,
    // Builds under test decide how long a text is, and a status that is too long would be refused whole.
    ...(error !== undefined && { error: error.slice(0, LIMITS.pageErrorLength) })
  }
}

function connectionWarning(created: number): string | undefined {
  if (created < MANY_CONNECTIONS) return undefined
  return `${created} WebRTC connections were created; a tab of Chromium may hold ${CONNECTION_LIMIT}, closed ones included until it collects garbage: use fewer peers per tab`
}
