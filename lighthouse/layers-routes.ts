import { Router, type Request } from 'express'
import { z } from 'zod'
import { Refusal } from '../cli/refusal'
import { idsOf, type Layers } from './layers'
import type { Layer, Peer, Peers } from './peers'

const name = z.string().min(1).max(128)

/** Older builds of the library send only `peerId`. */
const membership = z
  .object({ id: name.optional(), peerId: name.optional(), protocolVersion: z.number().int().optional() })
  .transform(({ id, peerId, protocolVersion }) => ({ id: id ?? peerId, protocolVersion }))
  .refine((body): body is typeof body & { id: string } => body.id !== undefined, 'id: expected a string')

/** `/layers…`: the calls of the layers generation, and the same state as pages for people and tools. */
export function layersRoutes(peers: Peers, layers: Layers, onMember: (peer: Peer) => void): Router {
  const routes = Router()

  routes.put('/:layer', (request, response) => {
    const layerId = checked(name, request.params.layer)
    const { id, protocolVersion } = checked(membership, request.body)
    const peer = authorize(peers, id, request)
    const layer = layers.join(peer, layerId)
    peer.protocolVersion = protocolVersion ?? peer.protocolVersion
    onMember(peer)
    response.json(users(layer.users))
  })

  routes.put('/:layer/rooms/:room', (request, response) => {
    const roomId = checked(name, request.params.room)
    const peer = authorize(peers, checked(membership, request.body).id, request)
    response.json(users(layers.joinRoom(peer, layers.get(request.params.layer), roomId)))
  })

  routes.delete('/:layer/rooms/:room/users/:id', (request, response) => {
    const peer = authorize(peers, request.params.id, request)
    response.json(users(layers.leaveRoom(peer, layers.get(request.params.layer), request.params.room)))
  })

  routes.delete('/:layer/users/:id', (request, response) => {
    const peer = authorize(peers, request.params.id, request)
    const layer = layers.get(request.params.layer)
    if (peer.layer === layer) layers.leave(peer)
    response.json(users(layer.users))
  })

  routes.get('/', ({ query }, response) =>
    response.json(describeLayers(layers, query.usersParcels === 'true'))
  )

  routes.get('/:layer', ({ params }, response) =>
    response.json(describe(layers.get(params.layer), layers.maxUsers, true))
  )

  routes.get('/:layer/users', ({ params }, response) => response.json(users(layers.get(params.layer).users)))

  routes.get('/:layer/rooms', ({ params, query: { userId } }, response) => {
    const rooms = [...layers.get(params.layer).rooms]
    const wanted = typeof userId === 'string' ? rooms.filter(([, members]) => members.has(userId)) : rooms
    response.json(wanted.map(([roomId]) => roomId))
  })

  routes.get('/:layer/rooms/:room', ({ params }, response) => {
    const room = layers.get(params.layer).rooms.get(params.room)
    if (!room) throw new Refusal(404, 'room-not-found')
    response.json(users(room))
  })

  routes.get('/:layer/topology', ({ params, query }, response) => {
    const layer = layers.get(params.layer)
    const members = [...layer.users.values()]
    if (query.format === 'graphviz') response.type('text/vnd.graphviz').send(asGraphviz(layer.id, members))
    else response.json(members.map((peer) => topologyEntry(peer, layer)))
  })

  return routes
}

export function describeLayers(layers: Layers, usersParcels: boolean) {
  return [...layers.byId.values()].map((layer) => describe(layer, layers.maxUsers, usersParcels))
}

function describe(layer: Layer, maxUsers: number, usersParcels: boolean) {
  const parcels = [...layer.users.values()].flatMap(({ parcel }) => (parcel ? [parcel] : []))
  const { id: name, users } = layer
  return { name, usersCount: users.size, maxUsers, ...(usersParcels && { usersParcels: parcels }) }
}

function users(members: Map<string, Peer>) {
  return Array.from(members.values(), (peer) => {
    const { protocolVersion, parcel, position, lastPing } = peer
    return { ...idsOf(peer), protocolVersion, parcel, position, lastPing }
  })
}

function topologyEntry(peer: Peer, layer: Layer) {
  const { id, parcel, position, lastPing, protocolVersion, connectedPeerIds } = peer
  return { id, layer: layer.id, parcel, position, lastPing, protocolVersion, connectedPeerIds }
}

/** The mesh as a directed graph in the DOT language. An edge that only one end reports is one-way. */
function asGraphviz(name: string, peers: Peer[]): string {
  const nodes = peers.map(({ id }) => `  ${quote(id)}`)
  const edges = peers.flatMap(({ id, connectedPeerIds }) =>
    connectedPeerIds.map((other) => `  ${quote(id)} -> ${quote(other)}`)
  )
  return [`strict digraph ${quote(name)} {`, ...nodes, ...edges, '}', ''].join('\n')
}

/** A string of DOT. A backslash needs escaping too: it would escape the quote after it. */
const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

function authorize(peers: Peers, id: string, request: Request): Peer {
  const peer = peers.get(id)
  if (!peer?.validated || peer.token !== request.get('X-Peer-Token')) throw new Refusal(401, 'unauthorized')
  return peer
}

function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const { success, data, error } = schema.safeParse(input)
  if (!success) throw new Refusal(400, 'bad-request', z.prettifyError(error))
  return data
}
