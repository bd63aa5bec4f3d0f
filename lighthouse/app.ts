import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { LighthouseOptions } from './options'
import { FOREIGN_ORIGIN, isAllowedOrigin } from './origins'
import { SOCKETS_PATH } from './peers'
import { wireLighthouse, type UnboundLighthouse } from './wiring'

export interface Lighthouse {
  /** The address for peers: all peers of a mesh must use this exact string. */
  url: string
  port: number
  close(): Promise<void>
}

/** Breaking one of the first two closes the connection. The types of `ws` lack some of these options. */
const SOCKET_LIMITS = {
  /** Bytes of a frame; session descriptions are a few kB. */
  maxPayload: 64 * 1024,
  maxFragments: 64,
  /** ms until a peer that does not hang up is cut off. */
  closeTimeout: 2_000
}
/** Connections other than peers': pages, tools, and sockets that are being refused or closed. */
const OTHER_CONNECTIONS = 1000

/**
 * Starts a Lighthouse that serves both generations of peers, without any authentication. Throws the system's
 * error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND …) if it cannot listen.
 */
export async function startLighthouse(given: Partial<LighthouseOptions> = {}): Promise<Lighthouse> {
  const lighthouse = wireLighthouse(given)
  const { options } = lighthouse
  const http = createServer(
    { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 },
    lighthouse.http
  )
  http.maxConnections = options.maxPeers + OTHER_CONNECTIONS
  const sockets = serveWebSockets(http, lighthouse)
  http.listen(options.port, options.host)
  await once(http, 'listening')
  const stopTimers = lighthouse.startTimers()

  const { port } = http.address() as AddressInfo
  const url = urlOf(options.host, port)
  options.logger.info({ url, auth: 'no-auth' }, 'Lighthouse is up, without authentication')

  return {
    url,
    port,
    close: async () => {
      stopTimers()
      for (const socket of sockets.clients) socket.terminate()
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    }
  }
}

function serveWebSockets(http: Server, { options, accept }: UnboundLighthouse): WebSocketServer {
  const partsOf = (url = '') => url.split('?', 2)
  const sockets = new WebSocketServer({
    noServer: true,
    ...SOCKET_LIMITS,
    verifyClient: ({ req: { url, headers } }, answer) => {
      if (partsOf(url)[0] !== SOCKETS_PATH) answer(false, 404, `WebSockets are at ${SOCKETS_PATH}`)
      else answer(isAllowedOrigin(headers.origin, options.allowedOrigins), 403, FOREIGN_ORIGIN)
    }
  })
  http.on('upgrade', (request, stream, head) =>
    sockets.handleUpgrade(request, stream, head, (socket) =>
      accept(socket, new URLSearchParams(partsOf(request.url)[1]))
    )
  )
  return sockets
}

/** The address for a browser on this machine. Loopback is spelt as in the clients' default. */
function urlOf(host: string, port: number): string {
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(host)
  const name = isLocal ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
