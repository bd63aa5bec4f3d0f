/** The page's side of a test: with a results server, or without one. */
import { ApiError, ResultsClient, UnreachableError } from '../protocol/api-client'
import type { Acknowledgement } from '../protocol/api-answers'
import type { BatchPoint } from '../protocol/data-point'
import type { PeerResults } from '../protocol/peer-results'
import type { TestState } from '../protocol/test-life'
import { randomBelow, type Parameters } from './parameters'

/** Of a started test. Without a server, `startsAt` is absent: it starts when the peers are connected. */
export type Start = Pick<TestState, 'startsAt' | 'duration' | 'warmup'>

export type TestSession = Omit<ServerSession, 'client'>

/** A test without a results server: it starts at once and submits nothing. */
export function localSession(seed: number | undefined): TestSession {
  return {
    seed: seed ?? randomBelow(2 ** 32),
    isFinished: false,
    isStopped: false,
    trouble: undefined,
    ready: () => Promise.resolve(),
    awaitStart: () => Promise.resolve({ warmup: 0 }),
    submit: () => Promise.resolve(),
    submitResults: () => Promise.resolve(true)
  }
}

/** A test on the results server. Rejects with one line if the test or the server does not exist. */
export async function serverSession(
  testId: string,
  { resultsServerUrl: url, token, seed }: Pick<Parameters, 'resultsServerUrl' | 'token' | 'seed'>
): Promise<ServerSession> {
  const clientOf = (retries: number) => new ResultsClient({ url, retries, token })
  const state = await clientOf(1)
    .getTest(testId)
    .catch((error: unknown) => {
      throw explain(error, testId, url)
    })
  return new ServerSession(clientOf(PATIENCE), testId, seed ?? state.seed)
}

/** Attempts, with backoff up to 5 s: enough to survive a server restart of about a minute without losses. */
const PATIENCE = 14
/** Points kept while the server is away; of more, the oldest are dropped. */
const MOST_KEPT = 10_000

export class ServerSession {
  /** True once the server has finished the test. */
  isFinished = false
  /** True once the server wants the final results. */
  isStopped = false
  /** What went wrong with the results server, in one line. */
  trouble: string | undefined
  private points: BatchPoint[] = []
  /** Points in a request; halved when the server rejects the body as too large. */
  private batchLength = 50
  /** Points lost because too many were kept or the server refused them. */
  private lost = 0
  private submitting: Promise<void> | undefined

  /** `seed`: the source of everything random. */
  constructor(
    readonly client: ResultsClient,
    private readonly testId: string,
    readonly seed: number
  ) {}

  async ready(peerId: string): Promise<void> {
    await this.noticeFinish(this.client.peerReady(this.testId, peerId))
  }

  /** Undefined if the test was finished without being started. */
  async awaitStart(): Promise<Start | undefined> {
    const state = await this.client.waitForTest(this.testId, 'started')
    this.isFinished = state.state === 'finished'
    return this.isFinished ? undefined : state
  }

  /** Submits data points; those that the server cannot take now are kept for later. Never rejects. */
  submit(points: BatchPoint[]): Promise<void> {
    this.keep([...this.points, ...points])
    return (this.submitting ??= this.submitKept().finally(() => (this.submitting = undefined)))
  }

  private async submitKept(): Promise<void> {
    try {
      while (this.points.length > 0) await this.submitBatch(this.points.splice(0, this.batchLength))
      this.trouble = undefined
    } catch (error) {
      this.trouble = (error as Error).message
    }
    if (this.lost > 0) this.trouble = `${this.lost} data points are lost. ${this.trouble ?? ''}`
  }

  private async submitBatch(batch: BatchPoint[]): Promise<void> {
    try {
      await this.noticeFinish(this.client.submitPoints(this.testId, batch))
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0
      const isTooLarge = status === 413 && batch.length > 1
      // Others would be refused again.
      if (isTooLarge || status < 400 || status >= 500 || status === 408 || status === 429)
        this.keep([...batch, ...this.points])
      else this.lost += batch.length
      if (!isTooLarge) throw error
      this.batchLength = Math.ceil(batch.length / 2)
    }
  }

  private keep(points: BatchPoint[]): void {
    this.points = points.slice(-MOST_KEPT)
    this.lost += points.length - this.points.length
  }

  /** False if the test is finished and refuses them. Rejects if the server is away for about a minute. */
  submitResults(peerId: string, results: PeerResults): Promise<boolean> {
    return this.noticeFinish(this.client.submitPeerResults(this.testId, peerId, results))
  }

  /** False if it is refused. A finished test refuses all submissions, which is not an error on our side. */
  private async noticeFinish(answer: Promise<Acknowledgement>): Promise<boolean> {
    try {
      const { state, stop } = await answer
      if (state === 'finished') this.isFinished = true
      if (stop) this.isStopped = true
      return true
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'test-finished')) throw error
      this.isFinished = true
      return false
    }
  }
}

function explain(error: unknown, testId: string, url: string): Error {
  if (error instanceof UnreachableError)
    return new Error(
      `No results server answers at ${url}: start it (npx peer-perf server) or set statsServerUrl`
    )
  if (error instanceof ApiError && error.status === 404)
    return new Error(`There is no test ${testId}: create it by curl -X POST ${url}/test/${testId}`)
  return error as Error
}
