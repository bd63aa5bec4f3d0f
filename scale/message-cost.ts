/** The cost of a message, by how it spreads and how many peers there are. */
import type { MessageTypes } from '../protocol/names'

/** How messages spread: by the library's own mesh, faithful or deduplicated, or in a full mesh. */
export type Spreading = MessageTypes | 'full'

export interface MessageCost {
  peers: number
  /** Packets received for each message that arrives. */
  packetsPerMessage: number
  bytesPerPacket: number
}

/** Sorted by the number of peers, smallest first. */
export type Growth = Record<Spreading, MessageCost[]>
