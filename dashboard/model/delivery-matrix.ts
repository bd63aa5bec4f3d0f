/** Who heard whom: for each pair of peers, the share of the messages owed that arrived. */
import { GROUP_CAPACITY } from '../../analysis/mesh/mesh-timeline'
import type { Presence } from '../../analysis/presence'
import { lowerBound } from '../../protocol/lower-bound'
import type { MessageKind } from '../../protocol/names'
import { decodeAscending } from '../../protocol/varints'
import type { PeerFinalResults } from './test-model'

export interface DeliveryMatrix {
  /** Sorted by the peers' numbers. */
  ids: string[]
  /**
   * Row: sender; column: receiver; index: row × ids.length + column. NaN if nothing was owed: the two never
   * met, nothing was sent, or it is the peer itself.
   */
  shares: Float32Array
}

/** Indices into `heard`, see protocol/peer-results.ts. */
const HEARD_AT = { position: 0, profile: 2, chat: 4 } as const

/** More rows than the screen has pixels show nothing more, and the number of cells grows quadratically. */
export const PEERS_SHOWN = 500

export function deliveryMatrix(
  finalResults: ReadonlyMap<string, PeerFinalResults>,
  kind: MessageKind
): DeliveryMatrix {
  const ordered = [...finalResults].sort(([, a], [, b]) => a.number - b.number).slice(0, PEERS_SHOWN)
  const shares = new Float32Array(ordered.length ** 2).fill(NaN)
  // A peer that comes back keeps its number, so no more are there at once.
  const isOneRoom = new Set(ordered.map(([, { number }]) => number)).size <= GROUP_CAPACITY
  ordered.forEach(([sender, { measuredFrom, sent, group }], row) => {
    const times = sentTimes(sent[kind], measuredFrom)
    ordered.forEach(([receiver, { heard, presence, ...other }], column) => {
      if (sender === receiver || !(isOneRoom || group === other.group)) return
      const owed = countIn(times, presence)
      if (owed > 0) shares[row * ordered.length + column] = (heard[sender]?.[HEARD_AT[kind]] ?? 0) / owed
    })
  })
  return { ids: ordered.map(([id]) => id), shares }
}

/** Empty if the list is damaged: what its sender owed is then unknown. */
function sentTimes(encoded: string, from: number): number[] {
  try {
    return decodeAscending(encoded, from)
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

/** How many of these ascending times lie in a presence, both ends included. */
function countIn(times: readonly number[], { joined, left }: Presence): number {
  const { length } = times
  return (
    lowerBound(length, (index) => times[index]! > left) -
    lowerBound(length, (index) => times[index]! >= joined)
  )
}

/** The pairs with the smallest shares, worst first. */
export function worstPairs({ ids, shares }: DeliveryMatrix, most: number) {
  return [...shares]
    .map((share, at) => ({
      from: ids[Math.floor(at / ids.length)]!,
      to: ids[at % ids.length]!,
      share
    }))
    .filter(({ share }) => share < 1)
    .sort((a, b) => a.share - b.share)
    .slice(0, most)
}
