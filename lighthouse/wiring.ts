import express, { type ErrorRequestHandler } from 'express'
import type { Logger } from 'pino'
import { Refusal } from '../cli/refusal'
import { Connections } from './connections'
import { Islands } from './islands'
import { answerOptimalNetwork, Layers } from './layers'
import { layersRoutes } from './layers-routes'
import { withDefaults, type LighthouseOptions } from './options'
import { checkOrigin } from './origins'
import { pages } from './pages'
import type { Peer, Peers, PeerSocket, PlacedPeer } from './peers'

/** A Lighthouse without a network: its owner passes in requests and sockets, real or in-memory. */
export type UnboundLighthouse = ReturnType<typeof wireLighthouse>

/** Assembles the parts of a Lighthouse. It uses no network; its time and timers are the global ones. */
export function wireLighthouse(given: Partial<LighthouseOptions> = {}) {
  const options = withDefaults(given)
  const peers: Peers = new Map()
  const layers = new Layers(options.maxUsersPerLayer)
  const islands = new Islands(options)

  const connections = new Connections(peers, options, {
    heartbeat: (peer, heartbeat) => {
      peer.connectedPeerIds = heartbeat.connectedPeerIds
      if (peer.generation !== 'layers' || peer.layer) {
        peer.position = heartbeat.position ?? peer.position
        peer.parcel = heartbeat.parcel ?? peer.parcel
      }
      if (peer.layer) layers.notePlace(peer)
      if (peer.generation !== 'layers' && isPlaced(peer)) {
        peer.generation = 'islands'
        islands.place(peer)
      }
      if (heartbeat.optimizeNetwork) answerOptimalNetwork(peer, heartbeat.maxDistance)
    },
    closed: (peer) => {
      layers.leave(peer)
      islands.remove(peer)
    }
  })
  const becomeLayersPeer = (peer: Peer) => {
    if (peer.generation === 'layers') return
    peer.generation = 'layers'
    islands.remove(peer)
    layers.restorePlace(peer)
  }

  const http = express().disable('x-powered-by')
  http.use(checkOrigin(options), express.json({ limit: '16kb' }))
  http.use('/layers', layersRoutes(peers, layers, becomeLayersPeer))
  http.use(pages(peers, layers, islands, options))
  http.use(() => {
    throw new Refusal(404, 'not-found', 'no such page: / lists them')
  })
  http.use(answerError(options.logger))

  return {
    options,
    http,
    accept: (socket: PeerSocket, query: URLSearchParams) => connections.accept(socket, query),
    /** Rearranges islands and drops silent peers from now on. Returns a function that ends that. */
    startTimers: () => {
      const { heartbeatTimeout, validationTimeout, islandFlushInterval } = options
      const dropInterval = Math.min(heartbeatTimeout, validationTimeout) / 10
      const timers = [
        setInterval(() => connections.dropSilentPeers(), dropInterval),
        setInterval(() => islands.flush(), islandFlushInterval)
      ]
      return () => timers.forEach(clearInterval)
    }
  }
}

const isPlaced = (peer: Peer): peer is PlacedPeer => peer.position !== undefined

/** Every failure gets a JSON answer. */
function answerError(logger: Logger): ErrorRequestHandler {
  return (error: Error & { statusCode?: number }, _request, response, next) => {
    const { statusCode = 500, message } = error
    const answer = (code: number, status: string, text = message) =>
      response.status(code).json({ status, message: text })
    if (response.headersSent) next(error)
    else if (error instanceof Refusal) answer(error.status, error.code)
    // Express itself rejected the body or the address.
    else if (statusCode < 500) answer(statusCode, 'bad-request')
    else {
      logger.error(error)
      answer(500, 'internal-error', 'the Lighthouse failed: see its log')
    }
  }
}
