import { notify, type Peer } from './peers'
import { Refusal } from './refusal'

const SOURCE = '__lighthouse_notification__'

export interface Layer {
  readonly id: string
  readonly users: Map<string, Peer>
  readonly rooms: Map<string, Map<string, Peer>>
}

/** The layers generation: peers choose a layer and rooms in it, over REST, and hear about each other. */
export class Layers {
  readonly #layers = new Map<string, Layer>()

  constructor(readonly maxUsers: number) {}

  all(): Layer[] {
    return [...this.#layers.values()]
  }

  /** @throws {@link Refusal} 404 when there is no such layer; a layer exists while it has users */
  get(layerId: string): Layer {
    const layer = this.#layers.get(layerId)
    if (!layer) throw new Refusal(404, 'layer-not-found')
    return layer
  }

  /** Puts a peer in a layer, which leaves any other. Those who were there hear of it before this returns. */
  join(peer: Peer, layerId: string): Layer {
    if (peer.layer?.id === layerId) return peer.layer
    const layer = this.#layers.get(layerId) ?? { id: layerId, users: new Map(), rooms: new Map() }
    if (layer.users.size >= this.maxUsers) throw new Refusal(400, 'layer_is_full')
    this.leave(peer)
    notifyAll(layer.users, 'PEER_JOINED_LAYER', describe(peer, layer))
    layer.users.set(peer.id, peer)
    this.#layers.set(layerId, layer)
    peer.layer = layer
    return layer
  }

  /** Takes a peer out of its rooms, then out of its layer. Does nothing for a peer in no layer. */
  leave(peer: Peer): void {
    const layer = peer.layer
    if (!layer) return
    for (const roomId of layer.rooms.keys()) this.leaveRoom(peer, layer, roomId)
    peer.layer = undefined
    layer.users.delete(peer.id)
    if (layer.users.size === 0) this.#layers.delete(layer.id)
    notifyAll(layer.users, 'PEER_LEFT_LAYER', describe(peer, layer))
  }

  joinRoom(peer: Peer, layer: Layer, roomId: string): Map<string, Peer> {
    if (peer.layer !== layer) throw new Refusal(400, 'user_not_in_layer')
    const room = layer.rooms.get(roomId) ?? new Map<string, Peer>()
    if (room.has(peer.id)) return room
    notifyAll(room, 'PEER_JOINED_ROOM', { ...describe(peer, layer), roomId })
    layer.rooms.set(roomId, room.set(peer.id, peer))
    return room
  }

  /** @returns those who stay in the room */
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

/** `userId` and `peerId` are what older builds of the library read. */
function describe({ id }: Peer, layer: Layer) {
  return { id, userId: id, peerId: id, layerId: layer.id }
}
