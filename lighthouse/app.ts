import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { Connections } from './connections'
import type { Heartbeat } from './frames'
import { createHttpApp } from './http'
import { Islands } from './islands'
import { Layers } from './layers'
import { layersRoutes } from './layers-routes'
import { answerOptimalNetwork } from './optimal-network'
import { withDefaults, type LighthouseOptions } from './options'
import { pages } from './pages'
import type { Peer, Peers } from './peers'

export interface Lighthouse {
  /** What to give to peers: all of one mesh must use this very string. */
  url: string
  port: number
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

/** Session descriptions are a few kB; a frame above this ends the connection that sent it. */
const MAX_FRAME_BYTES = 256 * 1024

/**
 * Starts a Lighthouse that serves both generations of peers, without any authentication.
 *
 * @throws the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND …) when it cannot listen
 */
export async function startLighthouse(given: Partial<LighthouseOptions> = {}): Promise<Lighthouse> {
  const options = withDefaults(given)
  const peers: Peers = new Map()
  const layers = new Layers(options.maxUsersPerLayer)
  const islands = new Islands(options)

  const connections = new Connections(peers, options, {
    heartbeat: (peer, heartbeat) => {
      noteHeartbeat(peer, heartbeat)
      if (isPlaced(peer) && peer.generation !== 'layers') {
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
    peer.generation = 'layers'
    islands.remove(peer)
  }

  const http = createServer(
    createHttpApp(
      [
        { path: '/layers', router: layersRoutes(peers, layers, becomeLayersPeer) },
        { path: '/', router: pages(peers, layers, islands, options) }
      ],
      options.logger
    )
  )
  const sockets = serveWebSockets(http, connections)
  await listen(http, options)

  const timers = [
    setInterval(() => {
      connections.dropSilentPeers()
    }, options.heartbeatTimeout / 10),
    setInterval(() => {
      islands.flush()
    }, options.islandFlushInterval)
  ]
  const { port } = http.address() as AddressInfo
  const url = urlOf(options.host, port)
  options.logger.info({ url, auth: 'no-auth' }, 'Lighthouse is up, without authentication')

  return {
    url,
    port,
    close: async () => {
      timers.forEach(clearInterval)
      for (const socket of sockets.clients) socket.terminate()
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    }
  }
}

function noteHeartbeat(peer: Peer, { connectedPeerIds, position, parcel }: Heartbeat): void {
  peer.connectedPeerIds = connectedPeerIds
  peer.position = position ?? peer.position
  peer.parcel = parcel ?? peer.parcel
}

function isPlaced(peer: Peer): peer is Peer & Required<Pick<Peer, 'position'>> {
  return peer.position !== undefined
}

function serveWebSockets(http: Server, connections: Connections): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const [path, query] = (request.url ?? '').split('?', 2)
    stream.on('error', () => stream.destroy())
    if (path !== '/peerjs') {
      // Destroyed as well, because a half-open stream would keep close() waiting.
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
        stream.destroy()
      )
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connections.accept(socket, new URLSearchParams(query))
    })
  })
  return sockets
}

async function listen(http: Server, { host, port }: LighthouseOptions): Promise<void> {
  http.listen(port, host)
  await once(http, 'listening')
}

/** The address that a browser on this machine uses. Loopback is spelt as the clients' default spells it. */
function urlOf(host: string, port: number): string {
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
