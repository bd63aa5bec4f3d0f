/**
 * Stands in for as much of a results server, a Lighthouse and a client page as pages and runners use.
 * Replaces `fetch`.
 */
import type { BatchPoint } from '../../protocol/data-point'
import type { PeerResults } from '../../protocol/peer-results'
import type { RunnerSample } from '../../protocol/runner-sample'
import type { TestState } from '../../protocol/test-life'

export const RESULTS_URL = 'http://results:9904'
export const LIGHTHOUSE_URL = 'http://lighthouse:9000'
export const CLIENT_URL = 'http://page:7654/'

/** The same margin as the server leaves, so that all pages learn of the start in time. */
const START_MARGIN_MS = 1000

export class FakeResultsServer {
  readonly state: TestState
  readonly points: BatchPoint[] = []
  readonly results = new Map<string, PeerResults>()
  readonly samples: RunnerSample[] = []
  /** Whether it answers at all. */
  isThere = true
  /** Whether it asks the peers for their final results. */
  stops = false
  /** How far its clock is ahead of this one, in ms. */
  clockOffset = 0
  private readonly realFetch = globalThis.fetch
  private readonly waiting: (() => void)[] = []

  constructor(test: Partial<TestState> = {}) {
    this.state = {
      id: 'mine',
      state: 'created',
      createdAt: 0,
      duration: 4,
      warmup: 1,
      seed: 7,
      labels: {},
      thresholds: [],
      peers: { ready: 0, reporting: 0, done: 0 },
      runners: [],
      dataPointCount: 0,
      ...test
    }
    globalThis.fetch = (input, init) => this.answer(new URL(input as string), init)
  }

  /** Restores `fetch`. */
  close(): void {
    globalThis.fetch = this.realFetch
  }

  start(): void {
    const startsAt = this.now() + START_MARGIN_MS
    Object.assign(this.state, { state: 'running', startedAt: this.now(), startsAt })
    this.release()
  }

  finish(): void {
    Object.assign(this.state, { state: 'finished', finishedAt: this.now() })
    this.release()
  }

  private now(): number {
    return performance.timeOrigin + performance.now() + this.clockOffset
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }

  /** Answers a request, as `fetch` would. */
  async answer(url: URL, init: RequestInit = {}): Promise<Response> {
    if (url.origin === LIGHTHOUSE_URL) return Response.json({ name: 'fake', version: '1' })
    if (url.href === CLIENT_URL) return new Response('', { headers: { 'content-type': 'text/html' } })
    if (!this.isThere) throw new TypeError('fetch failed', { cause: new Error('connection refused') })
    const body: unknown =
      typeof init.body === 'string' && init.body !== '' ? JSON.parse(init.body) : undefined
    if (url.pathname === '/time') return Response.json({ now: this.now() })
    const [, , id, kind, name, what] = url.pathname.split('/')
    if (id !== this.state.id) return refusal(404, 'test-not-found', `There is no test ${id ?? ''}`)
    if (init.method === 'GET') {
      if (url.searchParams.has('waitFor') && this.state.state === 'created')
        await new Promise<void>((resolve) => this.waiting.push(resolve))
      return Response.json(this.state)
    }
    if (kind === 'runner') return this.register(body as RunnerSample)
    if (kind === 'topology') return Response.json({ state: this.state.state })
    if (this.state.state === 'finished') return refusal(409, 'test-finished', 'The test is finished')
    if (what === 'ready') this.noteReady()
    else if (what === 'results') this.results.set(name!, body as PeerResults)
    else this.points.push(...(body as BatchPoint[]))
    return Response.json({ state: this.state.state, ...(this.stops && { stop: true }) })
  }

  private noteReady(): void {
    const { peers, expectedPeers, state } = this.state
    peers.ready++
    if (state === 'created' && expectedPeers === peers.ready) this.start()
  }

  private register(sample: RunnerSample): Response {
    this.samples.push(sample)
    return Response.json({ state: this.state.state, firstPeerNumber: 0, ...(this.stops && { stop: true }) })
  }
}

const refusal = (status: number, error: string, message: string) =>
  Response.json({ error, message }, { status })
