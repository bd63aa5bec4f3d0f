/**
 * The results server's client, for the page, the runner and scripts. It runs in browsers and in Node, and
 * imports only types of the contract, so that no schema is bundled.
 */
import pRetry from 'p-retry'
import type {
  Acknowledgement,
  ComparisonEntry,
  ErrorAnswer,
  FinishedTest,
  RunnerRegistration,
  ServerStatus,
  TimeAnswer
} from './api-answers'
import { LIMITS } from './limits'
import { cursorOf } from './list-cursor'
import type { BatchPoint, SinglePoint } from './data-point'
import type { ClientPage } from './page'
import type { PeerResults } from './peer-results'
import type { ResultsDocument } from './results-document'
import type { RunnerSample } from './runner-sample'
import type { Summary } from './summary'
import type { CreateTest, TestEntry, TestState } from './test-life'
import type { Topology } from './topology'

export interface ResultsClientOptions {
  /** Where the server is, e.g. http://localhost:9904 */
  url: string
  /** Control or submit token, sent as a bearer token. */
  token?: string
  /** Time-out of one attempt in ms; 10,000 by default. Long polls and `finish` have their own. */
  timeoutMs?: number
  /** How often a repeatable call is retried, with backoff and jitter; 5 by default. */
  retries?: number
  fetch?: typeof fetch
}

/** The server refused the call: 4xx or 5xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field?: string
  ) {
    super(message)
  }
}

/** The server did not respond. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  constructor(url: string, cause: unknown) {
    const why = cause instanceof Error && cause.name === 'TimeoutError' ? 'no answer in time' : causeOf(cause)
    super(
      `The results server is not reachable at ${url} (${why}): start it with "npx peer-perf server" or set RESULTS_SERVER_URL`,
      { cause }
    )
  }
}

/** The server ends a long poll after 25 s. */
const LONG_POLL_TIMEOUT_MS = 35_000
/** Writing a results file with a million points can take most of a minute. */
const FINISH_TIMEOUT_MS = 600_000
/** A client that waits survives a server restart of about a minute. */
const LONG_POLL_RETRIES = 14

interface Call {
  body?: unknown
  /** False for calls that would fail if the first attempt had succeeded unnoticed. */
  repeatable?: boolean
  timeoutMs?: number
  retries?: number
  signal?: AbortSignal | undefined
}

export class ResultsClient {
  readonly url: string
  private readonly fetch: typeof fetch

  constructor(private readonly options: ResultsClientOptions) {
    this.url = options.url.replace(/\/+$/, '')
    // Called as a method of another object, the browser's fetch throws "Illegal invocation".
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  }

  status(): Promise<ServerStatus> {
    return this.call('GET', '/status')
  }

  /**
   * The time of the server's clock, in ms since 1970. Never retried: a retry would distort the round-trip
   * time.
   */
  time(): Promise<TimeAnswer> {
    return this.call('GET', '/time', { repeatable: false })
  }

  /** Creates a test; without an id, the server draws one. Throws ApiError 409 if the id exists. */
  createTest(id?: string, body: CreateTest = {}): Promise<TestState> {
    return this.call('POST', id === undefined ? '/test' : testPath(id), { body, repeatable: false })
  }

  startTest(id: string): Promise<TestState> {
    return this.call('PUT', `${testPath(id)}/start`, { repeatable: false })
  }

  /** Finishes a test. When this resolves, the results file is on disk. */
  finishTest(id: string): Promise<FinishedTest> {
    return this.call('PUT', `${testPath(id)}/finish`, { repeatable: false, timeoutMs: FINISH_TIMEOUT_MS })
  }

  /** Deletes a finished test and its files. */
  deleteTest(id: string): Promise<void> {
    return this.call('DELETE', testPath(id), { repeatable: false })
  }

  /** All tests, newest first, page by page. */
  async listTests(): Promise<TestEntry[]> {
    const tests: TestEntry[] = []
    for (;;) {
      const before = tests.at(-1)
      const page = await this.call<TestEntry[]>('GET', before ? `/test?before=${cursorOf(before)}` : '/test')
      tests.push(...page)
      if (page.length !== LIMITS.listedTests) return tests
    }
  }

  /** Comparisons, histories and weather maps in the server's results folder, newest first. */
  listComparisons(): Promise<ComparisonEntry[]> {
    return this.call('GET', '/comparison')
  }

  getTest(id: string): Promise<TestState> {
    return this.call('GET', testPath(id))
  }

  /**
   * Resolves once the test has started (a finished test has started, too). Survives a restart of the server.
   * Rejects with the signal's reason when it aborts.
   */
  async waitForTest(id: string, awaited: 'started' | 'finished', signal?: AbortSignal): Promise<TestState> {
    for (;;) {
      const state = await this.call<TestState>('GET', `${testPath(id)}?waitFor=${awaited}`, {
        timeoutMs: LONG_POLL_TIMEOUT_MS,
        retries: LONG_POLL_RETRIES,
        signal
      })
      if (state.state === 'finished' || (awaited === 'started' && state.state === 'running')) return state
    }
  }

  /** The whole results document. It has hundreds of MB for long tests with many peers. */
  getDocument(id: string): Promise<ResultsDocument> {
    return this.call('GET', `${testPath(id)}?dataPoints=true`, { timeoutMs: FINISH_TIMEOUT_MS })
  }

  /** The summary. For a running test, it covers the data so far. */
  getSummary(id: string): Promise<Summary> {
    return this.call('GET', `${testPath(id)}/summary`, { timeoutMs: FINISH_TIMEOUT_MS })
  }

  putPage(id: string, page: ClientPage): Promise<void> {
    return this.call('PUT', `${testPath(id)}/page`, { body: page, timeoutMs: FINISH_TIMEOUT_MS })
  }

  /** Undefined if the test has none. */
  getPage(id: string): Promise<ClientPage | undefined> {
    return this.call<ClientPage>('GET', `${testPath(id)}/page`, { timeoutMs: FINISH_TIMEOUT_MS }).catch(
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined
        throw error
      }
    )
  }

  peerReady(id: string, peerId: string): Promise<Acknowledgement> {
    return this.call('PUT', `${peerPath(id, peerId)}/ready`)
  }

  submitPoint(id: string, peerId: string, point: SinglePoint): Promise<Acknowledgement> {
    return this.call('PUT', `${peerPath(id, peerId)}/metrics`, { body: point })
  }

  /** Submits at most 1,000 points and 1 MB at once; see point-buffer.ts. */
  submitPoints(id: string, points: readonly BatchPoint[]): Promise<Acknowledgement> {
    return this.call('POST', `${testPath(id)}/metrics`, { body: points })
  }

  submitPeerResults(id: string, peerId: string, results: PeerResults): Promise<Acknowledgement> {
    return this.call('PUT', `${peerPath(id, peerId)}/results`, { body: results })
  }

  submitTopology(id: string, topology: Topology): Promise<Acknowledgement> {
    return this.call('PUT', `${testPath(id)}/topology`, { body: topology })
  }

  /** Submits a sample. The first one registers the runner; each one is a heartbeat. */
  submitRunnerSample(id: string, runnerId: string, sample: RunnerSample): Promise<RunnerRegistration> {
    return this.call('PUT', `${testPath(id)}/runner/${encodeURIComponent(runnerId)}/metrics`, {
      body: sample
    })
  }

  /** Throws ApiError if the server refuses, UnreachableError if it does not answer. */
  private call<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    const retries = call.repeatable === false ? 0 : (call.retries ?? this.options.retries ?? 5)
    return pRetry(() => this.attempt<Answer>(method, path, call), {
      retries,
      minTimeout: 200,
      maxTimeout: 5_000,
      randomize: true,
      shouldRetry: ({ error }) => isTransient(error),
      ...(call.signal && { signal: call.signal })
    })
  }

  private async attempt<Answer>(method: string, path: string, call: Call): Promise<Answer> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? this.options.timeoutMs ?? 10_000)
    let status: number
    let text: string
    try {
      const response = await this.fetch(this.url + path, {
        method,
        headers: {
          ...(call.body !== undefined && { 'Content-Type': 'application/json' }),
          ...(this.options.token !== undefined && { Authorization: `Bearer ${this.options.token}` })
        },
        body: JSON.stringify(call.body),
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      call.signal?.throwIfAborted()
      throw new UnreachableError(this.url, cause)
    }
    if (status >= 400) throw refusal(status, text)
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer
    } catch {
      throw foreignAnswer(status)
    }
  }
}

const testPath = (id: string) => `/test/${encodeURIComponent(id)}`
const peerPath = (id: string, peerId: string) => `${testPath(id)}/peer/${encodeURIComponent(peerId)}`

/** What a server answered instead. */
export function refusal(status: number, text: string): ApiError {
  try {
    const { error, message, field } = JSON.parse(text) as Partial<ErrorAnswer>
    if (error && message) return new ApiError(status, error, message, field)
  } catch {
    // It is not JSON.
  }
  return foreignAnswer(status)
}

/** Such as a proxy's page. */
function foreignAnswer(status: number): ApiError {
  return new ApiError(
    status,
    'not-a-results-server',
    `Status ${status} with an answer that does not come from a results server`
  )
}

/** Errors worth a retry: no response, too busy, gateway errors, a full disk. */
function isTransient(error: Error): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof ApiError && [429, 502, 503, 504, 507].includes(error.status))
  )
}

/** "fetch failed" says nothing: the actual reason is in the error's cause. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError) return causeOf(cause.errors[0])
  if (!(cause instanceof Error)) return error.message
  return cause.message === 'bad port' ? 'browsers refuse this port: choose another' : cause.message
}
