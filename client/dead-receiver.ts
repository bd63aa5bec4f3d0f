/** Detects peers that look connected but receive nothing: the worst failure, as other figures look good. */
import type { MeshPeer } from './mesh-peer'
import type { PeerSlot } from './peer-slot'

/** Rebuilding a mesh takes a few seconds. */
const SILENCE_MS = 10_000
/** Minimum number of messages sent to a peer before its silence means anything. */
const ENOUGH_MESSAGES = 20
/** As in the tick-lateness rule. A page above it does not end: messages expire before it handles them. */
export const OVERLOADED_MS = 50

/** One line about a peer that got no message though others send. `thrown`: the first uncaught error. */
export function deadReceiver(slots: PeerSlot[], elapsed: number, thrown?: string): string | undefined {
  if (elapsed < SILENCE_MS) return undefined
  for (const slot of slots) {
    const { current } = slot
    if (!current || current.timeInRoom() < SILENCE_MS || current.ledger.total.received > 0) continue
    const others = slots.filter((other) => other !== slot)
    const sentHere = sum(others.map((other) => mostSentIn(other, current.timeInRoom())))
    // A page with a single peer knows about the others only from what arrives on the wire. Before the
    // measured time, that may be what keeps the mesh alive, which nobody counts.
    const sentByOthers = Math.max(sentHere, current.measuredWire().received)
    if (sentByOthers >= ENOUGH_MESSAGES && current.libraryPeer.connectedPeers().length > 0)
      return explain(current, elapsed, thrown)
  }
  return undefined
}

/** How many of a slot's messages were sent in the last `time` ms, at most. */
function mostSentIn({ current, rates }: PeerSlot, time: number): number {
  return Math.min(current?.ledger.total.sent ?? 0, (sum(Object.values(rates)) * time) / 1000)
}

function explain({ id, traffic }: MeshPeer, elapsed: number, thrown: string | undefined): string {
  const { received } = traffic.wire
  const seconds = Math.round(elapsed / 1000)
  const why =
    thrown === undefined
      ? `the library throws them away. npx peer-perf simulate --peer-config '{"logLevel":"WARN"}' prints what it logs. Is "long" wired into its protobufjs?`
      : `the build threw "${thrown.split('\n')[0]!}"`
  return received > 0
    ? `DEAD RECEIVER: peer ${id} is connected and got ${received} packets, but not one message in ${seconds} s: ${why}`
    : `DEAD RECEIVER: peer ${id} is connected, but not one packet reached it in ${seconds} s`
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
