import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorAnswer } from '../../protocol/api-answers'

/** Browsers, curl and fetch send a request once they have the answer to the one before. */
const MOST_UNANSWERED = 4
/** A reader that accepts no data for this long is cut off. */
const STALLED_MS = 30_000

/**
 * Serves, and ends slow, idle and greedy connections: a thousand of them would keep everyone else out, and
 * one can ask a thousand times in 64 KB.
 */
export function serveConnections(server: Server, app: RequestListener): void {
  const unanswered = new WeakMap<Socket, number>()
  server.on('request', (request, response) => {
    const { socket } = request
    const count = (unanswered.get(socket) ?? 0) + 1
    unanswered.set(socket, count)
    response.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1))
    if (count > MOST_UNANSWERED) socket.destroy()
    // What came with the request that was too many is read although the connection has ended.
    if (!socket.destroyed) app(request, response)
  })
  server.timeout = STALLED_MS
  server.on('timeout', (socket: Socket) => {
    // An answer may take long, such as a finish or a stream without news.
    if (socket.writableLength > 0 || !unanswered.get(socket)) socket.destroy()
  })
  server.headersTimeout = 10_000
  // Enough for a body of 4 MB over 1 Mbit/s.
  server.requestTimeout = 40_000
  server.keepAliveTimeout = 65_000
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (socket.writable && error.code !== 'ECONNRESET') refuse(socket, error.code)
    else socket.destroy()
  })
}

/** Requests that are not HTTP or arrive too slowly reach no route, so the response is written by hand. */
function refuse(socket: Socket, code: string | undefined): void {
  const [status, answer] = refusalOf(code)
  const body = JSON.stringify(answer)
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy())
}

function refusalOf(code: string | undefined): [string, ErrorAnswer] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [
        '408 Request Timeout',
        { error: 'too-slow', message: 'The request did not come in time: send it again' }
      ]
    case 'HPE_HEADER_OVERFLOW':
      return [
        '431 Request Header Fields Too Large',
        { error: 'headers-too-large', message: 'The headers exceed 16 KB' }
      ]
    default:
      return ['400 Bad Request', { error: 'bad-request', message: 'This is not HTTP as RFC 9112 has it' }]
  }
}
