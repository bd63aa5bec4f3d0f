/** The project's own Lighthouse without sockets. It is bundled, so that it runs in virtual time. */
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { PeerSocket } from '../../lighthouse/peers'
import { wireLighthouse } from '../../lighthouse/wiring'
import type { Answer, Request } from '../network/http'
import type { ServerSocket } from '../network/socket'

const silent = () => undefined
const logger = { info: silent, debug: silent, error: console.error } as unknown as Logger

export type LighthouseInMemory = ReturnType<typeof openLighthouse>

export function openLighthouse() {
  const lighthouse = wireLighthouse({ logger })
  const stopTimers = lighthouse.startTimers()
  return {
    accept: (socket: ServerSocket, url: URL) =>
      lighthouse.accept(socket as unknown as PeerSocket, url.searchParams),
    /** Passes a request to Express. Its socket is not connected: what arrives is put in the request. */
    serve: ({ method, url, headers, body = '' }: Request) =>
      new Promise<Answer>((resolve) => {
        const request = Object.assign(new IncomingMessage(new Socket()), {
          method,
          url: url.pathname + url.search,
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
          complete: true
        })
        request.push(body)
        request.push(null)
        const response = new ServerResponse(request)
        response.end = ((text?: string | Buffer) => {
          const { statusCode: status } = response
          const shown = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
          resolve({
            status,
            statusText: STATUS_CODES[status] ?? '',
            headers: Object.fromEntries(shown) as Record<string, string>,
            body: text?.toString() ?? ''
          })
          return response
        }) as typeof response.end
        lighthouse.http(request, response as never)
      }),
    close: stopTimers
  }
}
