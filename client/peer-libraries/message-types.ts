/** How the libraries treat a message in the mesh. Defined here because not every build exports its types. */
import type { MessageKind, MessageTypes } from '../../protocol/names'

export interface PeerMessageType {
  name: string
  /** How many relays a packet may pass. */
  ttl: number
  /** ms by which a packet may be older than the newest of its type from its sender; else it is discarded. */
  discardOlderThan?: number
  /** How long a packet is valid and remembered (to recognise copies), in ms. */
  expirationTime: number
  /** Whether the sender presumes that its neighbours got a packet: they do not send it to each other. */
  optimistic: boolean
}

const reliable = { ttl: 10, expirationTime: 20_000, optimistic: false }
const unreliable = { ttl: 10, expirationTime: 2000, optimistic: true }

/**
 * As in Decentraland's client: only chat is reliable. With `discardOlderThan: 0`, the library does not
 * remember packets, so it delivers and relays copies: its true behaviour.
 */
export function messageTypeOf(kind: MessageKind, variant: MessageTypes): PeerMessageType {
  if (kind === 'chat') return { name: kind, ...reliable }
  return { name: kind, ...unreliable, ...(variant === 'faithful' && { discardOlderThan: 0 }) }
}
