/** Notices peers that look connected and hear nothing: the worst failure, because every other figure looks good. */
import type { MeshPeer } from './mesh-peer'
import type { PeerSimulation } from './simulated-peer'

/** A mesh that is being built again takes some seconds. */
const SILENCE_MS = 10_000
/** Messages that must have been sent to a peer before its silence says anything. */
const ENOUGH_MESSAGES = 20
/** The limit of the rule tick-lateness, in ms: an overloaded page gets messages when they have expired, and the test is void as it is. */
const OVERLOADED_MS = 50

/** One line about a peer that has had no message in `elapsed` ms although others send, or undefined where all is well. */
export function deadReceiver(
  simulations: PeerSimulation[],
  elapsed: number,
  tickLatenessP95: number
): string | undefined {
  if (elapsed < SILENCE_MS || tickLatenessP95 > OVERLOADED_MS) return undefined
  const sent = sum(simulations.map(({ current }) => current?.ledger.total.sent ?? 0))
  for (const { current } of simulations) {
    if (!current || current.timeInRoom() < SILENCE_MS || current.ledger.total.received > 0) continue
    // A page of one peer knows of the others only by what reaches the wire.
    const { wire } = current.traffic
    const sentByOthers = Math.max(sent - current.ledger.total.sent, wire.received)
    if (sentByOthers >= ENOUGH_MESSAGES && current.connectedPeers().length > 0)
      return explain(current, elapsed)
  }
  return undefined
}

function explain({ id, traffic }: MeshPeer, elapsed: number): string {
  const { received } = traffic.wire
  const seconds = Math.round(elapsed / 1000)
  return received > 0
    ? `DEAD RECEIVER: peer ${id} is connected and got ${received} packets, but not one message in ${seconds} s: the library throws them away. Is "long" wired into its protobufjs (client/peer-libraries/long.ts)?`
    : `DEAD RECEIVER: peer ${id} is connected, but not one packet reached it in ${seconds} s`
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
