/** The parts of the results server that pages need, in memory. It produces a results document. */
import type { BatchPoint } from '../../protocol/data-point'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'
import type { TestState } from '../../protocol/test-life'
import { withTimes } from '../../protocol/test-times'
import { EPOCH, type VirtualTime } from '../engine/virtual-time'
import type { Answer, Request } from '../network/http'
import type { Plan } from '../plan'

type TestPlan = Pick<Plan, 'id' | 'peers' | 'duration' | 'warmup' | 'seed' | 'labels' | 'thresholds'> &
  Pick<TestState, 'network' | 'outages' | 'suiteCommit'>

/** All pages learn of the start in time. */
const START_MARGIN_MS = 1000

/** As the real server, so that clients need not give up. */
const LONGEST_POLL_MS = 25_000

/** A test's state leaves them out. */
const LONG_LISTS = ['peerResults', 'runnerSamples', 'topologies', 'dataPoints']

export class ResultsServer {
  readonly document: ResultsDocument
  private readonly readyPeers = new Set<string>()
  private readonly reporting = new Set<string>()
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly plan: TestPlan,
    private readonly time: VirtualTime,
    /** Called when the test starts, with the virtual time (ms) at which the routines start. */
    private readonly onStart: (begin: number) => void
  ) {
    const { id, peers, duration, warmup, seed, labels, thresholds, network, outages, suiteCommit } = plan
    this.document = {
      id,
      engine: 'simulation',
      state: 'created',
      createdAt: this.now(),
      expectedPeers: peers,
      duration,
      warmup,
      seed,
      labels,
      thresholds: [...thresholds],
      peers: { ready: 0, reporting: 0, done: 0 },
      runners: [],
      dataPointCount: 0,
      network,
      outages,
      suiteCommit,
      peerResults: {},
      runnerSamples: [],
      topologies: [],
      dataPoints: []
    }
  }

  serve = async ({ method, url, body }: Request): Promise<Answer> => {
    const [, , , , peerId, what] = url.pathname.split('/')
    if (url.pathname === '/time') return answer({ now: this.now() })
    if (method === 'GET') {
      if (url.searchParams.get('waitFor') === 'started' && this.document.state === 'created') {
        await new Promise<void>((resolve) => {
          this.waiting.push(resolve)
          this.time.after(LONGEST_POLL_MS, resolve)
        })
      }
      const state = Object.entries(this.document).filter(([name]) => !LONG_LISTS.includes(name))
      return answer(Object.fromEntries(state))
    }
    const { document } = this
    if (what === 'ready') this.noteReady(peerId!)
    else if (what === 'results') {
      document.peerResults[peerId!] = JSON.parse(body!) as PeerResults
      document.peers.done = Object.keys(document.peerResults).length
    } else for (const point of JSON.parse(body!) as BatchPoint[]) this.addPoint(point)
    return answer({ state: document.state })
  }

  /** Ends the test once all pages are done. */
  finish(): void {
    Object.assign(this.document, withTimes({ ...this.document, state: 'finished', finishedAt: this.now() }))
  }

  private now(): number {
    return EPOCH + this.time.now
  }

  private noteReady(peerId: string): void {
    const { document } = this
    document.peers.ready = this.readyPeers.add(peerId).size
    if (document.state !== 'created' || document.peers.ready < this.plan.peers) return
    const startedAt = this.now()
    const startsAt = startedAt + START_MARGIN_MS
    Object.assign(document, withTimes({ ...document, state: 'running', startedAt, startsAt }))
    for (const release of this.waiting) release()
    this.onStart(this.time.now + START_MARGIN_MS)
  }

  private addPoint({ peerId, sequence, ...metrics }: BatchPoint): void {
    const { document } = this
    document.dataPoints.push({ peerId, sequence, timestamp: this.now(), metrics })
    document.dataPointCount++
    document.peers.reporting = this.reporting.add(peerId).size
  }
}

function answer(body: object): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status: 200, statusText: 'OK', headers, body: JSON.stringify(body) }
}
