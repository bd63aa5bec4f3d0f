/**
 * An InfluxDB that fails like real ones and the proxies in front of them. It remembers what it has accepted.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

export type InfluxMode =
  | 'ok'
  | 'html-400'
  | 'gateway-400'
  | 'portal-200'
  | 'error-500'
  | 'unauthorized'
  | 'reset'
  | 'lost-answer'
  | 'hang'
  | 'slow'

export interface LyingInflux {
  url: string
  mode: InfluxMode
  /**
   * For each data point, by its client's number, the timestamps with which it was written. More than one: it
   * was duplicated.
   */
  written: Map<number, Set<string>>
  close(): Promise<void>
}

export async function startLyingInflux(): Promise<LyingInflux> {
  const server = createServer((request, response) => {
    answer(influx, request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const influx: LyingInflux = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'ok',
    written: new Map(),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
  return influx
}

async function answer(
  influx: LyingInflux,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const body = await text(request)
  const { mode } = influx
  const isWrite = request.url?.startsWith('/write') === true
  if (isWrite && (mode === 'ok' || mode === 'slow' || mode === 'lost-answer')) note(influx, body)
  switch (mode) {
    case 'html-400':
      response.writeHead(400, { 'Content-Type': 'text/html' }).end('<html><h1>400 Bad Request</h1></html>')
      return
    case 'gateway-400':
      response.writeHead(400).end('{"error":"unable to parse request"}')
      return
    case 'portal-200':
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in</html>')
      return
    case 'error-500':
      response.writeHead(500).end('{"error":"timeout"}')
      return
    case 'unauthorized':
      response.writeHead(401).end('{"error":"authorization failed"}')
      return
    case 'reset':
    case 'lost-answer':
      request.socket.destroy()
      return
    case 'hang':
      while (influx.mode === 'hang') await sleep(50)
      request.socket.destroy()
      return
    case 'slow':
      await sleep(300)
  }
  response.setHeader('X-Influxdb-Version', '1.6.7')
  if (isWrite) response.writeHead(204).end()
  else response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"results":[{}]}')
}

function note({ written }: LyingInflux, lines: string): void {
  for (const line of lines.split('\n')) {
    const [, number, instant] = /^peer_metrics,.*[ ,]sent=(\d+).* (\d+)$/.exec(line) ?? []
    if (number === undefined || instant === undefined) continue
    const instants = written.get(Number(number)) ?? new Set()
    written.set(Number(number), instants.add(instant))
  }
}
