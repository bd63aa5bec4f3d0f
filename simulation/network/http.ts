/** `fetch` from in-memory servers. The response has what the suite and the libraries read. */
import type { Thread } from '../engine/thread'
import { Line, type Way } from './line'

export interface Request {
  method: string
  url: URL
  /** Names are in lower case. */
  headers: Record<string, string>
  body: unknown
}
export interface Answer {
  status: number
  body: string
}

export interface HttpServer {
  thread: Thread
  serve(request: Request): Promise<Answer>
  /** False while the server is down: requests are then refused. */
  isUp(): boolean
  /** Delays and losses of requests and responses. */
  way: Way
}

interface Init {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** The function that a page sees as `fetch`. `servers` are keyed by origin. */
export function fetchOf(thread: Thread, servers: ReadonlyMap<string, HttpServer>) {
  return (input: string, init: Init = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      const url = new URL(input)
      const server = servers.get(url.origin)
      if (!server?.isUp()) {
        reject(new TypeError('Failed to fetch'))
        return
      }
      const headers = Object.fromEntries(
        Object.entries(init.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
      )
      const body: unknown = init.body === undefined ? undefined : JSON.parse(init.body)
      const request: Request = { method: init.method ?? 'GET', url, headers, body }
      const down = new Line<Answer>(thread, server.way, (answer) => {
        resolve(responseOf(answer))
      })
      const up = new Line<Request>(server.thread, server.way, (arrived) => {
        server.serve(arrived).then((answer) => {
          down.send(answer)
        }, reject)
      })
      up.send(request)
    })
}

function responseOf({ status, body }: Answer): object {
  return {
    status,
    ok: status >= 200 && status < 300,
    statusText: String(status),
    text: () => Promise.resolve(body),
    json: () => Promise.resolve().then(() => JSON.parse(body) as unknown)
  }
}
