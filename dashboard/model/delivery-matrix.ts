/** Who heard whom: for each pair of peers, the share of the sender's messages that arrived. */
import type { MessageKind } from '../../protocol/names'
import type { PeerFinalResults } from './test-model'

export interface DeliveryMatrix {
  /** Sorted by the peers' numbers. */
  ids: string[]
  /**
   * Row: sender; column: receiver; index: row × ids.length + column. NaN if nothing was sent, and from a peer
   * to itself.
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
  ordered.forEach(([sender, { sent }], row) => {
    ordered.forEach(([receiver, { heard }], column) => {
      if (sender === receiver || sent[kind] === 0) return
      const received = heard[sender]?.[HEARD_AT[kind]] ?? 0
      shares[row * ordered.length + column] = received / sent[kind]
    })
  })
  return { ids: ordered.map(([id]) => id), shares }
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
