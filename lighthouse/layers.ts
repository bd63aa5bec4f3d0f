import { Refusal } from '../cli/refusal'
import { notify } from './messages'
import type { Layer, Peer } from './peers'
import { distanceBucket, distanceXZ, type Position } from './positions'

/** The libraries use a handful of rooms. */
const MAX_ROOMS_PER_USER = 32
const MAX_ROOMS = 10_000

/** How many ids' places to remember; the oldest entry is dropped first. */
const MAX_PLACES = 10_000

const SOURCE = '__lighthouse_notification__'

/** The layers generation: peers choose a layer and rooms in it over REST, and are notified of each other. */
export class Layers {
  readonly byId = new Map<string, Layer>()
  /**
   * Where peers are, by id. As in the real Lighthouse, a position announced before the peer is in a layer is
   * lost, and an id that comes back keeps its old position until it announces a new one.
   */
  readonly #places = new Map<string, Pick<Peer, 'position' | 'parcel'>>()

  constructor(readonly maxUsers: number) {}

  notePlace({ id, position, parcel }: Peer): void {
    this.#places.delete(id)
    this.#places.set(id, { position, parcel })
    const [oldest] = this.#places.keys()
    if (this.#places.size > MAX_PLACES) this.#places.delete(oldest!)
  }

  restorePlace(peer: Peer): void {
    const { position, parcel } = this.#places.get(peer.id) ?? {}
    Object.assign(peer, { position, parcel })
  }

  /** Throws Refusal 404 if there is no such layer; a layer exists while it has users. */
  get(layerId: string): Layer {
    const layer = this.byId.get(layerId)
    if (!layer) throw new Refusal(404, 'layer-not-found')
    return layer
  }

  /** Puts a peer in a layer, and out of any other. The layer's users are notified before this returns. */
  join(peer: Peer, layerId: string): Layer {
    if (peer.layer?.id === layerId) return peer.layer
    const layer = this.byId.get(layerId) ?? { id: layerId, users: new Map(), rooms: new Map() }
    if (layer.users.size >= this.maxUsers) throw new Refusal(400, 'layer_is_full')
    this.leave(peer)
    notifyAll(layer.users, 'PEER_JOINED_LAYER', describe(peer, layer))
    layer.users.set(peer.id, peer)
    this.byId.set(layerId, layer)
    peer.layer = layer
    return layer
  }

  /** Removes a peer from its rooms, then from its layer. Does nothing if the peer is in no layer. */
  leave(peer: Peer): void {
    const layer = peer.layer
    if (!layer) return
    for (const roomId of layer.rooms.keys()) this.leaveRoom(peer, layer, roomId)
    peer.layer = undefined
    layer.users.delete(peer.id)
    if (layer.users.size === 0) this.byId.delete(layer.id)
    notifyAll(layer.users, 'PEER_LEFT_LAYER', describe(peer, layer))
  }

  joinRoom(peer: Peer, layer: Layer, roomId: string): Map<string, Peer> {
    if (peer.layer !== layer) throw new Refusal(400, 'user_not_in_layer')
    const room = layer.rooms.get(roomId) ?? new Map<string, Peer>()
    if (room.has(peer.id)) return room
    this.#refuseTooManyRooms(peer, layer, room)
    notifyAll(room, 'PEER_JOINED_ROOM', { ...describe(peer, layer), roomId })
    layer.rooms.set(roomId, room.set(peer.id, peer))
    return room
  }

  #refuseTooManyRooms(peer: Peer, layer: Layer, room: Map<string, Peer>): void {
    const rooms = [...this.byId.values()].reduce((sum, { rooms: { size } }) => sum + size, 0)
    if (room.size === 0 && rooms >= MAX_ROOMS)
      throw new Refusal(429, 'too-many-rooms', `The Lighthouse holds ${MAX_ROOMS} rooms`)
    const own = [...layer.rooms.values()].filter((users) => users.has(peer.id)).length
    if (own >= MAX_ROOMS_PER_USER)
      throw new Refusal(429, 'too-many-rooms', `A peer may be in ${MAX_ROOMS_PER_USER} rooms: leave some`)
  }

  /** @returns the users who stay in the room */
  leaveRoom(peer: Peer, layer: Layer, roomId: string): Map<string, Peer> {
    const room = layer.rooms.get(roomId) ?? new Map<string, Peer>()
    if (!room.delete(peer.id)) return room
    if (room.size === 0) layer.rooms.delete(roomId)
    notifyAll(room, 'PEER_LEFT_ROOM', { ...describe(peer, layer), roomId })
    return room
  }
}

function notifyAll(users: Map<string, Peer>, type: string, payload: object): void {
  for (const user of users.values()) notify(user, SOURCE, type, payload)
}

/** Older builds of the library read `userId` and `peerId`. */
export const idsOf = ({ id }: Peer) => ({ id, userId: id, peerId: id })

const describe = (peer: Peer, layer: Layer) => ({ ...idsOf(peer), layerId: layer.id })

/**
 * Answers a layers peer that asks whom it should be connected to: the users of its layer within `maxDistance`
 * metres, nearest first. Without a layer or a position, the answer has no payload.
 */
export function answerOptimalNetwork(peer: Peer, maxDistance: number): void {
  const { layer, position } = peer
  const payload =
    layer && position
      ? { layerId: layer.id, optimalConnections: nearest(peer, position, layer.users.values(), maxDistance) }
      : undefined
  notify(peer, '__lighthouse_response__', 'OPTIMAL_NETWORK_RESPONSE', payload)
}

function nearest(peer: Peer, from: Position, users: Iterable<Peer>, maxDistance: number) {
  return [...users]
    .flatMap(({ id, position }) =>
      id !== peer.id && position ? [{ id, position, metres: distanceXZ(from, position) }] : []
    )
    .filter(({ metres }) => metres <= maxDistance)
    .sort((a, b) => a.metres - b.metres)
    .map(({ id, position, metres }) => ({ id, distance: distanceBucket(metres), position }))
}
