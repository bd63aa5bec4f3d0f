/** How the libraries treat a message in the mesh; not every build exports its own. */
import type { MessageKind } from '../../protocol/names'

export interface PeerMessageType {
  name: string
  /** Relays that a packet may pass. */
  ttl: number
  /** A packet is discarded when it is older, in ms, than the newest of its type from its sender. */
  discardOlderThan?: number
  /** For how long a packet is valid, and remembered to recognise its copies, in ms. */
  expirationTime: number
  /** The sender presumes that its neighbours received a packet, so that they do not send it to each other. */
  optimistic: boolean
}

/** `deduplicated` is what unreliable messages would be if the library recognised their copies. */
export const MESSAGE_TYPES = ['faithful', 'deduplicated'] as const
export type MessageTypes = (typeof MESSAGE_TYPES)[number]

const reliable = { ttl: 10, expirationTime: 20_000, optimistic: false }
const unreliable = { ttl: 10, expirationTime: 2000, optimistic: true }

/**
 * Positions and profiles go unreliable, chat reliable, as Decentraland's client sends them. With `discardOlderThan: 0` the
 * library does not remember packets, so that copies are delivered and relayed again: its true behaviour, and the default.
 */
export function messageTypeOf(kind: MessageKind, variant: MessageTypes): PeerMessageType {
  if (kind === 'chat') return { name: kind, ...reliable }
  return { name: kind, ...unreliable, ...(variant === 'faithful' && { discardOlderThan: 0 }) }
}
