/** The cost of a message in groups of various sizes, as counted in virtual time. */
import { GROWTH } from './growth-data'
import type { Growth, MessageCost, Spreading } from './message-cost'

/** Cost of a message in a group of a given size. */
export interface GroupCost extends Omit<MessageCost, 'peers'> {
  /** The group is larger than any simulated one, so the real cost is higher. */
  isLeast: boolean
}

/** Interpolates between two counted sizes, on logarithmic scales. */
export function costInGroup(peers: number, spreading: Spreading, growth: Growth = GROWTH): GroupCost {
  const costs = growth[spreading]
  const above = costs.findIndex((cost) => cost.peers >= peers)
  const isLeast = above < 0
  const upper = costs.at(isLeast ? -1 : above)!
  const lower = costs[above - 1]
  if (isLeast || !lower) return { ...upper, isLeast }
  const share = Math.log(peers / lower.peers) / Math.log(upper.peers / lower.peers)
  const between = (value: (cost: MessageCost) => number) =>
    value(lower) * (value(upper) / value(lower)) ** share
  return {
    packetsPerMessage: between((cost) => cost.packetsPerMessage),
    bytesPerPacket: between((cost) => cost.bytesPerPacket),
    isLeast
  }
}
