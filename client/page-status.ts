/** What the page tells its runner. */
import type { PageStatus } from '../protocol/page'
import { CONNECTION_LIMIT } from './measurement/traffic'
import type { TestRun } from './test-run'

/** From here on the page warns. */
const MANY_CONNECTIONS = 0.8 * CONNECTION_LIMIT

export interface Totals {
  connected: number
  known: number
  sent: number
  received: number
  relayed: number
  duplicates: number
  connectionsCreated: number
}

/** Of all the page's peers, those that left included where the figure is a sum over time. */
export function totalsOf({ meshPeers, departed }: TestRun): Totals {
  const everyone = [...meshPeers, ...departed]
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return {
    connected: sum(meshPeers.map((peer) => peer.connectedPeers().length)),
    known: Math.max(0, ...meshPeers.map((peer) => peer.knownPeers())),
    sent: sum(everyone.map(({ ledger }) => ledger.total.sent)),
    received: sum(everyone.map(({ ledger }) => ledger.total.received)),
    relayed: sum(everyone.map((peer) => peer.relayedPackets())),
    duplicates: sum(everyone.map(({ ledger }) => ledger.total.duplicates)),
    connectionsCreated: sum(everyone.map(({ traffic }) => traffic.connections.created))
  }
}

/** `run` is undefined where the address is wrong. With `failure` the phase is `failed`. */
export function statusOf(run: TestRun | undefined, failure: string | undefined): PageStatus {
  const phase = failure === undefined ? (run?.phase ?? 'connecting') : 'failed'
  if (!run) {
    return {
      phase,
      peers: { wanted: 0, ready: 0, done: 0 },
      connected: 0,
      messagesReceived: 0,
      messagesSent: 0,
      tickLatenessP95: 0,
      connectionsCreated: 0,
      ...(failure !== undefined && { error: failure })
    }
  }
  const totals = totalsOf(run)
  const error = failure ?? run.trouble ?? connectionWarning(totals.connectionsCreated)
  return {
    phase,
    peers: { wanted: run.simulations.length, ready: run.ready, done: run.done },
    connected: totals.connected,
    messagesReceived: totals.received,
    messagesSent: totals.sent,
    tickLatenessP95: run.recorder?.tickLatenessP95 ?? 0,
    connectionsCreated: totals.connectionsCreated,
    ...(error !== undefined && { error })
  }
}

/** A warning where the page's WebRTC connections will run out, in one line. */
function connectionWarning(created: number): string | undefined {
  if (created < MANY_CONNECTIONS) return undefined
  return `${created} WebRTC connections were created; Chromium allows ${CONNECTION_LIMIT} in a tab's life: use fewer peers a tab`
}
