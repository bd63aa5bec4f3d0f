import { Router, type Request } from 'express'
import { Refusal } from '../cli/refusal'
import { groupBy } from '../protocol/group-by'
import type { Islands } from './islands'
import type { Layers } from './layers'
import { describeLayers } from './layers-routes'
import { LIGHTHOUSE_NAME, LIGHTHOUSE_VERSION, type LighthouseOptions } from './options'
import type { Island, Peer, Peers } from './peers'

const PAGES = [
  '/status[?includeLayers=true]',
  '/layers[?usersParcels=true]',
  '/layers/:layer',
  '/layers/:layer/users',
  '/layers/:layer/rooms[?userId=]',
  '/layers/:layer/rooms/:room',
  '/layers/:layer/topology[?format=graphviz]',
  '/islands',
  '/islands/:id',
  '/peers',
  '/peers/topology',
  '/parcels',
  '/config'
]

/** Pages that no peer needs: they show people and tools what is going on. */
export function pages(peers: Peers, layers: Layers, islands: Islands, options: LighthouseOptions): Router {
  const routes = Router()
  const validated = () => [...peers.values()].filter((peer) => peer.validated)

  const page = (path: string, content: (request: Request) => object) =>
    routes.get(path, (request, response) => response.json(content(request)))

  page('/', () => ({ name: LIGHTHOUSE_NAME, version: LIGHTHOUSE_VERSION, auth: 'no-auth', pages: PAGES }))
  page('/status', ({ query }) => ({
    name: options.name,
    version: LIGHTHOUSE_VERSION,
    // Misspelt as in the real Lighthouse.
    currenTime: Date.now(),
    env: { auth: 'no-auth', commitHash: options.commitHash },
    ready: true,
    peersCount: validated().length,
    ...(query.includeLayers === 'true' && { layers: describeLayers(layers, true) })
  }))
  page('/islands', () => ({
    ok: true,
    islands: Array.from(islands.byId.values(), (island) => describeIsland(island, options))
  }))
  page('/islands/:id', ({ params }) => {
    const island = islands.byId.get(params.id as string)
    if (!island) throw new Refusal(404, 'island-not-found')
    return { ok: true, ...describeIsland(island, options) }
  })
  page('/peers', () => ({ ok: true, peers: validated().map(describePeer) }))
  page('/peers/topology', () => {
    const topology = validated().map(({ id, connectedPeerIds }) => ({ id, connectedPeers: connectedPeerIds }))
    return { ok: true, topology }
  })
  page('/parcels', () => ({ ok: true, parcels: countByParcel(validated()) }))
  // JSON leaves out its functions.
  page('/config', () => ({ ok: true, config: { ...options, logger: undefined } }))
  return routes
}

function describeIsland({ id, members }: Island, { maxPeersPerIsland }: LighthouseOptions) {
  return { id, maxPeers: maxPeersPerIsland, peers: members.map(describePeer) }
}

function describePeer(peer: Peer) {
  const { id, generation, layer, island, position, parcel, lastPing } = peer
  return { id, generation, layer: layer?.id, island: island?.id, position, parcel, lastPing }
}

function countByParcel(peers: Peer[]) {
  const parcels = peers.flatMap(({ parcel }) => (parcel ? [parcel] : []))
  return Array.from(groupBy(parcels, String).values(), (same) => {
    const [x, y] = same[0]!
    return { peersCount: same.length, parcel: { x, y } }
  })
}
