import type { PeerResults } from '../../protocol/peer-results'

/** Who heard whom: `received[receiver][sender]` unique messages of all kinds, in the order of `peers`. */
export interface DeliveryMatrix {
  peers: string[]
  received: number[][]
}

/** The delivery matrix of the peers that handed in an account, in the order of their numbers. */
export function deliveryMatrix(accounts: Readonly<Record<string, PeerResults>>): DeliveryMatrix {
  const peers = Object.keys(accounts).sort((a, b) => accounts[a]!.number - accounts[b]!.number)
  const received = peers.map((receiver) =>
    peers.map((sender) => {
      const heard = accounts[receiver]!.heard[sender]
      return heard ? heard[0] + heard[2] + heard[4] : 0
    })
  )
  return { peers, received }
}
