/** Who heard whom: for each pair of peers, what share of the sender's messages arrived. */
import type { MessageKind } from '../../protocol/names'
import type { PeerAccount } from './test-model'

export interface DeliveryMatrix {
  /** In the order of the peers' numbers. */
  ids: string[]
  /** Row: sender; column: receiver; row × ids.length + column. NaN where nothing was sent, and for a peer itself. */
  shares: Float32Array
}

/** Places in `heard`, see protocol/peer-results.ts. */
const HEARD_AT = { position: 0, profile: 2, chat: 4 } as const

/** More rows than a screen has pixels tell nothing, and their cells grow with the square. */
export const PEERS_SHOWN = 500

export function deliveryMatrix(
  accounts: ReadonlyMap<string, PeerAccount>,
  kind: MessageKind
): DeliveryMatrix {
  const ordered = [...accounts].sort(([, a], [, b]) => a.number - b.number).slice(0, PEERS_SHOWN)
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
