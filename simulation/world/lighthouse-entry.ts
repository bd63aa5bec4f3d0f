/**
 * The project's own Lighthouse without sockets, for a network in memory. Bundled, so that it runs in virtual
 * time.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { PeerSocket } from '../../lighthouse/peers'
import { wireLighthouse } from '../../lighthouse/wiring'
import type { Answer, Request } from '../network/http'
import type { ServerSocket } from '../network/socket'

export interface LighthouseInMemory {
  accept(socket: ServerSocket, url: URL): void
  serve(request: Request): Promise<Answer>
  /** Stops its timers. */
  close(): void
}

const silent = () => undefined
const logger = { info: silent, debug: silent, error: console.error } as unknown as Logger

export function openLighthouse(): LighthouseInMemory {
  const lighthouse = wireLighthouse({ logger })
  const stopTimers = lighthouse.startTimers()
  return {
    accept: (socket, url) => lighthouse.accept(socket as unknown as PeerSocket, url.searchParams),
    /** Passes a request to Express without a socket. An already parsed body is not parsed again. */
    serve: ({ method, url, headers, body }) =>
      new Promise((resolve) => {
        const address = url.pathname + url.search
        const request = Object.assign(new IncomingMessage(undefined as never), {
          method,
          url: address,
          headers,
          body
        })
        const response = new ServerResponse(request)
        response.end = ((text?: string | Buffer) => {
          resolve({ status: response.statusCode, body: text?.toString() ?? '' })
          return response
        }) as typeof response.end
        lighthouse.http(request, response as never)
      }),
    close: stopTimers
  }
}
