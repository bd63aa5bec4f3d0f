/** Who heard whom: for each pair of peers, the share of the messages owed that arrived. */
import { GROUP_CAPACITY } from '../../analysis/mesh/mesh-timeline'
import { hearsUntil } from '../../analysis/summary/collect/peer-record'
import { attempt } from '../../protocol/attempt'
import { lowerBound } from '../../protocol/lower-bound'
import type { MessageKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import { decodeAscending } from '../../protocol/varints'

export interface DeliveryMatrix {
  /** Sorted by the peers' numbers. */
  ids: string[]
  /**
   * By sender and receiver, at sender × ids.length + receiver. NaN if nothing was owed: the two never met,
   * nothing was sent, or it is the peer itself.
   */
  shares: Float32Array
}

/** Indices into `heard`, see protocol/peer-results.ts. */
const HEARD_AT = { position: 0, profile: 2, chat: 4 } as const

/** More rows than the screen has pixels show nothing more, and the number of cells grows quadratically. */
export const PEERS_SHOWN = 500

export function deliveryMatrix(results: ReadonlyMap<string, PeerResults>, kind: MessageKind): DeliveryMatrix {
  const ordered = [...results].sort(([, a], [, b]) => a.number - b.number).slice(0, PEERS_SHOWN)
  const shares = new Float32Array(ordered.length ** 2).fill(NaN)
  // A peer that comes back keeps its number, so no more are there at once.
  const isOneRoom = new Set(ordered.map(([, { number }]) => number)).size <= GROUP_CAPACITY
  ordered.forEach(([sender, { measured, messages, group }], row) => {
    // What the sender of a damaged list owed is unknown.
    const times = attempt(() => decodeAscending(messages[kind].sentTimes, measured.from)) ?? []
    ordered.forEach(([receiver, own], column) => {
      if (sender === receiver || !(isOneRoom || group === own.group)) return
      const owed = countIn(times, own.presence.joined, hearsUntil(own))
      const heard = own.heard[sender]?.[HEARD_AT[kind]] ?? 0
      if (owed > 0) shares[row * ordered.length + column] = heard / owed
    })
  })
  return { ids: ordered.map(([id]) => id), shares }
}

/** How many of these ascending times lie in [from, until]. */
function countIn(times: readonly number[], from: number, until: number): number {
  const first = lowerBound(times.length, (index) => times[index]! >= from)
  return lowerBound(times.length, (index) => times[index]! > until) - first
}

export function worstPairs({ ids, shares }: DeliveryMatrix, most: number) {
  return [...shares]
    .map((share, at) => ({ from: ids[Math.floor(at / ids.length)]!, to: ids[at % ids.length]!, share }))
    .filter(({ share }) => share < 1)
    .sort((a, b) => a.share - b.share)
    .slice(0, most)
}
