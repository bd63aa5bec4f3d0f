/** The results server's client, for browsers and Node. It imports types only: no schema is bundled. */
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
import { attempt } from './attempt'
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
  /** Control or submit token, sent as a bearer token; an empty one counts as none. */
  token?: string | undefined
  /** Time-out of one attempt in ms; 10,000 by default. Long polls and `finish` have their own. */
  timeoutMs?: number
  /** How often a repeatable call is retried, with backoff and jitter; 5 by default. */
  retries?: number
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
const LONG = { timeoutMs: 600_000 }
/** With these, a client survives a server's restart, or a tunnel's, of about a minute. */
export const PATIENT_RETRIES = 14

interface Call {
  body?: unknown
  /** False for calls that would fail, or count twice, if the first attempt had succeeded unnoticed. */
  repeatable?: boolean
  timeoutMs?: number
  retries?: number
  signal?: AbortSignal | undefined
}

export class ResultsClient {
  readonly url: string

  constructor(private readonly options: ResultsClientOptions) {
    this.url = options.url.replace(/\/+$/, '')
  }

  readonly status = () => this.call<ServerStatus>('GET', '/status')
  /** Never retried: a retry would distort the round-trip time. */
  readonly time = () => this.call<TimeAnswer>('GET', '/time', { repeatable: false })

  readonly getTest = (id: string) => this.call<TestState>('GET', testPath(id))
  /** For a running test, it covers the data so far. */
  readonly getSummary = (id: string) => this.call<Summary>('GET', `${testPath(id)}/summary`, LONG)
  /** It has hundreds of MB for long tests with many peers. */
  readonly getDocument = (id: string) =>
    this.call<ResultsDocument>('GET', `${testPath(id)}?dataPoints=true`, LONG)
  /** Those in the server's results folder, newest first. */
  readonly listComparisons = () => this.call<ComparisonEntry[]>('GET', '/comparison')

  /** Without an id, the server draws one. Throws ApiError 409 if the id exists. */
  readonly createTest = (id?: string, body: CreateTest = {}) =>
    this.call<TestState>('POST', id === undefined ? '/test' : testPath(id), { body, repeatable: false })
  readonly startTest = (id: string) =>
    this.call<TestState>('PUT', `${testPath(id)}/start`, { repeatable: false })
  /** When this resolves, the results file is on disk. */
  readonly finishTest = (id: string) =>
    this.call<FinishedTest>('PUT', `${testPath(id)}/finish`, { repeatable: false, ...LONG })
  /** Only a finished test can be deleted, and its files are, too. */
  readonly deleteTest = (id: string): Promise<void> =>
    this.call('DELETE', testPath(id), { repeatable: false })
  readonly putPage = (id: string, body: ClientPage): Promise<void> =>
    this.call('PUT', `${testPath(id)}/page`, { body, ...LONG })

  readonly peerReady = (id: string, peerId: string) =>
    this.call<Acknowledgement>('PUT', `${peerPath(id, peerId)}/ready`)
  readonly submitPoint = (id: string, peerId: string, body: SinglePoint) =>
    this.call<Acknowledgement>('PUT', `${peerPath(id, peerId)}/metrics`, {
      body,
      repeatable: body.sequence !== undefined
    })
  /** Submits at most 1,000 points and 1 MB at once; see client/test-session.ts. */
  readonly submitPoints = (id: string, body: readonly BatchPoint[]) =>
    this.call<Acknowledgement>('POST', `${testPath(id)}/metrics`, { body })
  readonly submitPeerResults = (id: string, peerId: string, body: PeerResults) =>
    this.call<Acknowledgement>('PUT', `${peerPath(id, peerId)}/results`, { body })
  readonly submitTopology = (id: string, body: Topology) =>
    this.call<Acknowledgement>('PUT', `${testPath(id)}/topology`, { body })
  /** The first sample registers the runner; each one is a heartbeat. */
  readonly submitRunnerSample = (id: string, runnerId: string, body: RunnerSample) =>
    this.call<RunnerRegistration>('PUT', `${testPath(id)}/runner/${encodeURIComponent(runnerId)}/metrics`, {
      body
    })

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

  /** A finished test has started, too. Survives a restart of the server. Rejects with the abort's reason. */
  async waitForTest(id: string, awaited: 'started' | 'finished', signal?: AbortSignal): Promise<TestState> {
    for (;;) {
      const state = await this.call<TestState>('GET', `${testPath(id)}?waitFor=${awaited}`, {
        timeoutMs: LONG_POLL_TIMEOUT_MS,
        retries: PATIENT_RETRIES,
        signal
      })
      if (state.state === 'finished' || (awaited === 'started' && state.state === 'running')) return state
    }
  }

  /** Undefined if the test has none. */
  async getPage(id: string): Promise<ClientPage | undefined> {
    return this.call<ClientPage>('GET', `${testPath(id)}/page`, LONG).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
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
    const headers = bearer(this.options.token)
    if (call.body !== undefined) headers['Content-Type'] = 'application/json'
    const timeout = AbortSignal.timeout(call.timeoutMs ?? this.options.timeoutMs ?? 10_000)
    let response: Response
    let text: string
    try {
      response = await fetch(this.url + path, {
        method,
        headers,
        body: JSON.stringify(call.body),
        // A redirected POST would become a GET, and a creation a look at an existing test.
        redirect: 'manual',
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout
      })
      text = await response.text()
    } catch (cause) {
      call.signal?.throwIfAborted()
      throw new UnreachableError(this.url, cause)
    }
    const { ok, status } = response
    // Browsers hide where a redirect leads, and its status: it is 0.
    if (!ok) throw refusal(status, text, response.headers.get('location')?.replace(path, ''))
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer
    } catch {
      throw refusal(status, text)
    }
  }
}

const testPath = (id: string) => `/test/${encodeURIComponent(id)}`
const peerPath = (id: string, peerId: string) => `${testPath(id)}/peer/${encodeURIComponent(peerId)}`

/** Throws ApiError for a token that no header can carry: fetch would show it. */
export function bearer(token = ''): Record<string, string> {
  const sent = token.trim()
  if (/[^!-~]/.test(sent)) throw new ApiError(401, 'wrong-token', 'The token must be visible ASCII')
  return sent === '' ? {} : { Authorization: `Bearer ${sent}` }
}

export function refusal(status: number, text: string, elsewhere = 'another address'): ApiError {
  // A proxy's page, for example, is not JSON.
  const { error, message, field } = attempt(() => JSON.parse(text) as Partial<ErrorAnswer> | null) ?? {}
  if (error && message) return new ApiError(status, error, message, field)
  return new ApiError(
    status,
    'not-a-results-server',
    status < 200 || (status >= 300 && status < 400)
      ? `The address of the results server redirects to ${elsewhere}: use that`
      : `Status ${status} with an answer that does not come from a results server`
  )
}

/** Errors worth a retry: no response, too slow, too busy, gateway errors, a full disk. */
export const isTransient = (error: Error) =>
  error instanceof UnreachableError ||
  (error instanceof ApiError && [408, 429, 502, 503, 504, 507].includes(error.status))

/** "fetch failed" says nothing: the actual reason is in the error's cause. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError) return causeOf(cause.errors[0])
  if (!(cause instanceof Error)) return error.message
  return cause.message === 'bad port' ? 'browsers refuse this port: choose another' : cause.message
}
