import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorAnswer } from '../../protocol/api-answers'

/** Ends slow and idle connections: a thousand of them would keep everyone else out. */
export function limitConnections(server: Server): void {
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
