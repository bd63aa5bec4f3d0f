/** All calls of the results server: routes and OpenAPI document come from it (docs/results-server.md). */
import { z } from 'zod'
import {
  acknowledgementSchema,
  comparisonEntrySchema,
  finishedTestSchema,
  runnerRegistrationSchema,
  serverStatusSchema,
  timeAnswerSchema
} from './api-answers'
import { LIMITS } from './limits'
import { batchSchema, singlePointSchema } from './data-point'
import { CURSOR_PATTERN, placeOf } from './list-cursor'
import { clientPageSchema } from './page'
import { peerResultsSchema } from './peer-results'
import { resultsDocumentSchema } from './results-document'
import { runnerSampleSchema } from './runner-sample'
import { summarySchema } from './summary'
import { createTestSchema, testEntrySchema, testStateSchema } from './test-life'
import { topologySchema } from './topology'

/**
 * Who may call: anyone, holders of any token, or of the one named; the control token allows everything.
 * Without tokens, other pages of this machine may only submit; its programs and the dashboard may make any
 * call.
 */
export type Access = 'open' | 'any' | 'submit' | 'read' | 'control'

export interface Route {
  method: 'get' | 'post' | 'put' | 'delete'
  /** In Express notation. */
  path: string
  access: Access
  summary: string
  query?: z.ZodObject
  body?: z.ZodType
  /** An empty body counts as {}. */
  bodyOptional?: boolean
  /** Bytes after decompression; LIMITS.bodyBytes by default. */
  bodyLimit?: number
  /** JSON values in the body; LIMITS.bodyValues by default. */
  bodyValues?: number
  /** 200 by default. */
  status?: 201 | 204
  /** The response: JSON of this schema, another media type, or no body. */
  answer?: z.ZodType | { mediaType: string; description: string }
  /** Error codes of this call by status, in addition to COMMON_REFUSALS. */
  refusals?: Record<number, readonly string[]>
}

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const journalPosition = z.string().regex(/^\d{1,15}$/, 'must be the id of an event')

const NOT_FOUND = { 404: ['test-not-found'], 500: ['test-corrupt'] } as const
const WRITING = { ...NOT_FOUND, 409: ['test-finished'], 507: ['disk-full'] } as const
const SUBMISSION = { ...WRITING, 409: ['test-not-started', 'test-finished'] } as const
const CREATION = { body: createTestSchema, bodyOptional: true, status: 201, answer: testStateSchema } as const

/** Starts a route. It keeps the type of the path, which names the handler's parameters. */
const by =
  (method: Route['method']) =>
  <Path extends string>(path: Path, access: Access, summary: string) => ({ method, path, access, summary })
const get = by('get')
const post = by('post')
const put = by('put')
const del = by('delete')

export const API = {
  createTest: {
    ...post('/test', 'control', 'Create a test; the server draws its id'),
    ...CREATION,
    refusals: { 429: ['too-many-tests'], 507: ['disk-full'] }
  },
  createTestWithId: {
    ...post('/test/:testId', 'control', 'Create a test with this id'),
    ...CREATION,
    refusals: { 409: ['test-exists'], 429: ['too-many-tests'], 507: ['disk-full'] }
  },
  listTests: {
    ...get(
      '/test',
      'read',
      'Tests without their runners, newest first; the header Link (rel="next") has the address of the next page'
    ),
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(LIMITS.listedTests).optional(),
      before: z
        .string()
        .regex(CURSOR_PATTERN, 'must come from the header Link of a page')
        .transform(placeOf)
        .optional()
        .describe('only tests after this place in the list')
    }),
    answer: z.array(testEntrySchema)
  },
  getTest: {
    ...get(
      '/test/:testId',
      'any',
      "A test's state; with dataPoints (read token) the whole results document, streamed"
    ),
    query: z.strictObject({
      dataPoints: flag.optional(),
      waitFor: z
        .enum(['started', 'finished'])
        .optional()
        .describe('wait for this state, at most 25 s, then answer with the current one')
    }),
    answer: z.union([testStateSchema, resultsDocumentSchema]),
    refusals: { ...NOT_FOUND, 503: ['too-many-readers'] }
  },
  startTest: {
    ...put('/test/:testId/start', 'control', 'Start: the routines begin at startsAt of the answer'),
    answer: testStateSchema,
    refusals: { ...WRITING, 409: ['test-started', 'test-finished'] }
  },
  finishTest: {
    ...put(
      '/test/:testId/finish',
      'control',
      'Finish: asks the peers to stop, waits up to 10 s for their final results; when this answers, the results file is on disk; with dataPoints it answers with that file'
    ),
    query: z.strictObject({ dataPoints: flag.optional() }),
    answer: z.union([finishedTestSchema, resultsDocumentSchema]),
    refusals: { ...WRITING, 409: ['test-finished', 'foreign-file'], 503: ['too-many-readers'] }
  },
  deleteTest: {
    ...del('/test/:testId', 'control', 'Delete a finished test and its files'),
    status: 204,
    refusals: { 404: ['test-not-found'], 409: ['test-not-finished', 'foreign-file', 'read-only'] }
  },
  getSummary: {
    ...get('/test/:testId/summary', 'read', 'The summary; of a running test, from the data so far'),
    answer: summarySchema,
    refusals: { ...NOT_FOUND, 500: ['test-corrupt', 'no-summary'] }
  },
  putPage: {
    ...put(
      '/test/:testId/page',
      'control',
      'Give the test its client page, which runners without one of their own serve to their tabs'
    ),
    body: clientPageSchema,
    bodyLimit: LIMITS.pageBytes,
    status: 204,
    refusals: { ...NOT_FOUND, 409: ['test-finished'], 507: ['disk-full'] }
  },
  getPage: {
    ...get('/test/:testId/page', 'submit', "The test's client page"),
    answer: clientPageSchema,
    refusals: { ...NOT_FOUND, 404: ['test-not-found', 'no-page'], 409: ['test-finished'] }
  },
  getEvents: {
    ...get(
      '/test/:testId/events',
      'read',
      'Server-sent events (protocol/events.ts); resumes after Last-Event-ID, or after `since` (0: from the beginning, but of more than 200 peers from what is recent)'
    ),
    query: z.strictObject({ since: journalPosition.optional() }),
    answer: {
      mediaType: 'text/event-stream',
      description: 'events state, points, runner, topology and reasons'
    },
    refusals: { ...NOT_FOUND, 503: ['too-many-streams'] }
  },
  peerReady: {
    ...put('/test/:testId/peer/:peerId/ready', 'submit', 'The peer is connected and waits'),
    answer: acknowledgementSchema,
    refusals: { ...WRITING, 429: ['too-many-peers'] }
  },
  submitPoint: {
    ...put('/test/:testId/peer/:peerId/metrics', 'submit', 'One data point'),
    body: singlePointSchema,
    answer: acknowledgementSchema,
    refusals: { ...SUBMISSION, 400: ['too-many-gaps', 'sequence-used-up'], 429: ['too-many-peers'] }
  },
  submitPoints: {
    ...post('/test/:testId/metrics', 'submit', 'Many data points at once'),
    body: batchSchema,
    answer: acknowledgementSchema,
    refusals: { ...SUBMISSION, 400: ['too-many-gaps'], 429: ['too-many-peers'] }
  },
  submitPeerResults: {
    ...put('/test/:testId/peer/:peerId/results', 'submit', "A peer's final results; the first ones count"),
    body: peerResultsSchema,
    bodyLimit: LIMITS.finalResultsBytes,
    answer: acknowledgementSchema,
    refusals: { ...SUBMISSION, 429: ['too-many-peers'] }
  },
  submitTopology: {
    ...put('/test/:testId/topology', 'submit', 'A topology snapshot'),
    body: topologySchema,
    bodyLimit: LIMITS.topologyBytes,
    bodyValues: LIMITS.topologyValues,
    answer: acknowledgementSchema,
    refusals: WRITING
  },
  submitRunnerSample: {
    ...put(
      '/test/:testId/runner/:runnerId/metrics',
      'submit',
      "A runner's machine sample; the first one registers the runner, each is a heartbeat"
    ),
    body: runnerSampleSchema,
    answer: runnerRegistrationSchema,
    refusals: { ...WRITING, 413: ['too-much-provenance'], 429: ['too-many-runners'] }
  },
  listComparisons: {
    ...get(
      '/comparison',
      'read',
      'Comparisons, histories and weather maps in the results folder, newest first'
    ),
    answer: z.array(comparisonEntrySchema)
  },
  getComparison: {
    ...get('/comparison/:comparisonId', 'read', 'The document of a comparison, history or weather map'),
    answer: { mediaType: 'application/json', description: 'comparison.json, history.json or weather.json' },
    refusals: { 404: ['comparison-not-found'] }
  },
  getComparisonReport: {
    ...get(
      '/comparison/:comparisonId/report',
      'read',
      'The report of a comparison, history or weather map: one page without script'
    ),
    answer: { mediaType: 'text/html', description: 'comparison.html, history.html or weather.html' },
    refusals: { 404: ['comparison-not-found'] }
  },
  getTime: {
    ...get('/time', 'open', "The server's clock, for estimating the offset"),
    answer: timeAnswerSchema
  },
  getStatus: { ...get('/status', 'open', 'Health, version and counters'), answer: serverStatusSchema },
  getMetrics: {
    ...get('/metrics', 'read', 'For Prometheus: the server, and the sums of each test that is not finished'),
    answer: { mediaType: 'text/plain', description: "Prometheus' text format" }
  },
  getOpenApi: {
    ...get('/openapi.json', 'open', 'This document'),
    answer: { mediaType: 'application/json', description: 'OpenAPI 3.1' }
  }
} as const satisfies Record<string, Route>
export type RouteName = keyof typeof API
