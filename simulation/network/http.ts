/** `fetch` from in-memory servers. */
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

/** What requests need from their page. */
export interface FetchPage {
  thread: Thread
  /** Address of the page. */
  url: string
  /** Servers by origin: only these exist. */
  servers: ReadonlyMap<string, HttpServer>
  node: { URL: typeof URL }
}

interface Signal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void
}

/** How long it takes to notice that nobody listens. */
const REFUSED_AFTER_MS = 2

interface Init {
  method?: string
  headers?: Record<string, string> | Iterable<[string, string]>
  body?: string
  signal?: Signal | null
}

/** The function that a page sees as `fetch`. */
export function fetchOf({ thread, servers, url: base, node }: FetchPage) {
  return (input: unknown, init: Init = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      const { signal, body } = init
      const abort = () => reject(signal!.reason as Error)
      if (signal?.aborted) {
        abort()
        return
      }
      if (body !== undefined && typeof body !== 'string') throw new TypeError('Only texts are simulated')
      signal?.addEventListener('abort', abort, { once: true })
      const url = new node.URL(String(input), base)
      const server = servers.get(url.origin)
      const fail = () => reject(new TypeError('Failed to fetch'))
      if (!server?.isUp()) {
        thread.after(REFUSED_AFTER_MS, fail)
        return
      }
      const request: Request = {
        method: (init.method ?? 'GET').toUpperCase(),
        url,
        headers: headersOf(init.headers ?? {}),
        body: body === undefined ? undefined : JSON.parse(body)
      }
      const down = new Line<Answer>(thread, server.way, (answer) => resolve(responseOf(answer, url.href)))
      const up = new Line<Request>(server.thread, server.way, (arrived) => {
        server.serve(arrived).then((answer) => down.send(answer), fail)
      })
      up.send(request)
    })
}

function headersOf(headers: NonNullable<Init['headers']>): Record<string, string> {
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
}

/** What the suite and the libraries read of a response. */
function responseOf({ status, body }: Answer, url: string): object {
  return {
    status,
    ok: status >= 200 && status < 300,
    statusText: String(status),
    url,
    type: 'cors',
    redirected: false,
    text: () => Promise.resolve(body),
    json: () => Promise.resolve().then(() => JSON.parse(body) as unknown)
  }
}
