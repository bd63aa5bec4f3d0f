import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorAnswer } from '../../protocol/api-answers'

/** Browsers, curl and fetch send a request once they have the answer to the one before. */
const MOST_UNANSWERED = 4
/** An idle connection is closed after this long, a reader that accepts nothing after at most twice that. */
const STALLED_MS = 30_000

/**
 * Serves, and ends slow, idle and greedy connections: one can ask a thousand times in 64 KB. Its requests are
 * served one by one: if it closes, only the response that has its turn learns of it, and others would stay.
 */
export function serveConnections(server: Server, app: RequestListener): void {
  /** Serve the requests of a connection: the first one has, the others wait. */
  const unanswered = new WeakMap<Socket, (() => void)[]>()
  server.on('request', (request, response) => {
    const { socket } = request
    const queue = unanswered.get(socket) ?? []
    unanswered.set(socket, queue)
    const serveFirst = () => {
      if (socket.writable) queue[0]?.()
    }
    queue.push(() => app(request, response))
    response.once('close', () => {
      queue.shift()
      serveFirst()
    })
    if (queue.length > MOST_UNANSWERED) socket.destroy()
    if (queue.length === 1) serveFirst()
  })
  server.timeout = STALLED_MS
  server.on('timeout', (socket: Socket) => {
    // An answer may take long, such as a finish or a stream without news.
    if (socket.writableLength > 0 || !unanswered.get(socket)?.length) socket.destroy()
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

type Answer = [status: string, error: string, message: string]
const BAD_REQUEST: Answer = ['400 Bad Request', 'bad-request', 'This is not HTTP as RFC 9112 has it']
const TOO_SLOW = 'The request did not come in time: send it again'
const TOO_LARGE = 'The headers exceed 16 KB'
const ANSWERS: Partial<Record<string, Answer>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too-slow', TOO_SLOW],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers-too-large', TOO_LARGE]
}

/** Requests that are not HTTP or arrive too slowly reach no route, so the response is written by hand. */
function refuse(socket: Socket, code = ''): void {
  const [status, error, message] = ANSWERS[code] ?? BAD_REQUEST
  const body = JSON.stringify({ error, message } satisfies ErrorAnswer)
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy())
}
