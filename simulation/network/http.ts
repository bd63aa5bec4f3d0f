import type { Thread } from '../engine/thread'
import { Line, type Way } from './line'
import { Headers, Response } from './response'

export interface Request {
  method: string
  url: URL
  /** Names are in lower case. */
  headers: Record<string, string>
  body: string | undefined
}
export interface Answer {
  status: number
  statusText: string
  /** Names are in lower case. */
  headers: Record<string, string>
  body: string
}

export interface HttpServer {
  thread: Thread
  serve(request: Request): Promise<Answer>
  /** False while the server is down: requests are then refused. */
  isUp(): boolean
  way: Way
}

export interface FetchPage {
  thread: Thread
  /** Address of the page. */
  url: string
  /** Servers by origin: only these exist. */
  servers: ReadonlyMap<string, HttpServer>
  node: { URL: typeof URL }
  refuse: (name: string) => never
}

/** How long it takes to notice that nobody listens. */
const REFUSED_AFTER_MS = 2

/** What a page may read of other origins' headers: https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const SAFE_HEADERS = new Set(
  'cache-control content-language content-length content-type expires last-modified pragma'.split(' ')
)

/** What pages of other origins may ask of the Lighthouse (lighthouse/origins.ts), and see the answer. */
const PERMITTED = new RegExp(
  '^(mode cors|credentials (omit|same-origin)|integrity |method (GET|HEAD|POST|PUT|DELETE)|' +
    'header (accept|accept-language|content-language|content-type|x-peer-token))$'
)

interface Init extends Pick<RequestInit, 'mode' | 'credentials' | 'integrity'> {
  method?: string
  headers?: Record<string, string> | Iterable<[string, string]>
  body?: unknown
  signal?: AbortSignal | null
}

export function fetchOf({ thread, servers, url: base, node, refuse }: FetchPage) {
  const { origin } = new node.URL(base)
  const responseOf = ({ headers, ...answer }: Answer, url: URL) => {
    const isForeign = url.origin !== origin
    const readable = Object.entries(headers).filter(([name]) => !isForeign || SAFE_HEADERS.has(name))
    return new Response({
      ...answer,
      url: url.href,
      type: isForeign ? 'cors' : 'basic',
      headers: new Headers(readable)
    })
  }
  /** Node's errors are of another realm. */
  const addressOf = (text: string): URL => {
    if (!node.URL.canParse(text, base)) throw new TypeError(`Failed to parse URL from ${text}`)
    return new node.URL(text, base)
  }
  return (input: unknown, given?: Init | null): Promise<object> =>
    new Promise((resolve, reject) => {
      const init = given ?? {}
      const { signal } = init
      signal?.throwIfAborted()
      const request = requestOf(addressOf(String(input)), init, refuse)
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
      const { url } = request
      const server = servers.get(url.origin) ?? refuse(`fetch() from ${url.origin}`)
      const fail = () => reject(new TypeError('Failed to fetch'))
      if (!server.isUp()) {
        thread.after(REFUSED_AFTER_MS, fail)
        return
      }
      const down = new Line<Answer>(thread, server.way, (answer) => resolve(responseOf(answer, url)))
      const up = new Line<Request>(server.thread, server.way, (arrived) => {
        server.serve(arrived).then((answer) => down.send(answer), fail)
      })
      up.send(request)
    })
}

function requestOf(url: URL, init: Init, refuse: (name: string) => never): Request {
  const method = (init.method ?? 'GET').toUpperCase()
  const headers = headersOf(init.headers ?? {})
  const { mode = 'cors', credentials = 'omit', integrity = '' } = init
  const asked = [`mode ${mode}`, `credentials ${credentials}`, `integrity ${integrity}`, `method ${method}`]
  asked.push(...Object.keys(headers).map((name) => `header ${name}`))
  const odd = asked.find((each) => !PERMITTED.test(each))
  if (odd !== undefined) refuse(`fetch() with ${odd}`)
  const given = init.body ?? null
  if (given === null) return { method, url, headers, body: undefined }
  if (method === 'GET' || method === 'HEAD')
    throw new TypeError(
      "Failed to execute 'fetch' on 'Window': Request with GET/HEAD method cannot have body."
    )
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) refuse('fetch() with a body of bytes')
  const type = given instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'text/plain'
  return {
    method,
    url,
    headers: { 'content-type': `${type};charset=UTF-8`, ...headers },
    body: String(given as number).toWellFormed()
  }
}

function headersOf(headers: NonNullable<Init['headers']>): Record<string, string> {
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
}
