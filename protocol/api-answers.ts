/** The results server's responses other than a test's state, a summary or a results document. */
import { z } from 'zod'
import { ENGINES } from './names'
import { countSchema, idSchema, instantSchema } from './primitives'
import { summarySchema, type Summary } from './summary'
import { TEST_STATES, testStateSchema, type TestState } from './test-life'

/** Every refusal. `error` is a stable code for programs, `message` is one line for people. */
export const errorAnswerSchema = z.object({
  error: z.string().describe('stable code, e.g. test-not-found'),
  message: z.string().describe('what is wrong and what to do'),
  field: z.string().optional().describe('path of the field at fault, e.g. [3].messages.position.sent')
})
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>

/** The response to all submissions. Peers and runners notice the end of the test by it, without polling. */
export const acknowledgementSchema = z.object({
  state: z.enum(TEST_STATES),
  stop: z
    .literal(true)
    .optional()
    .describe('the test is about to finish: end the routine and submit the final results')
})
export type Acknowledgement = z.infer<typeof acknowledgementSchema>

export const runnerRegistrationSchema = acknowledgementSchema.extend({
  firstPeerNumber: countSchema.describe('its peers are numbered from here on, in the order of registration')
})
export type RunnerRegistration = z.infer<typeof runnerRegistrationSchema>

export const timeAnswerSchema = z.object({
  now: instantSchema,
  system: z
    .object({
      ahead: z.number().describe("ms: the system's clock − now"),
      machine: z.string().optional().describe('tells the kernel whose clock that is'),
      error: z.number().optional().describe('ms: the system clock is at most so far from UTC'),
      source: z.string().optional().describe('what told the error: chrony, adjtimex or ECS')
    })
    .optional()
})
export type TimeAnswer = z.infer<typeof timeAnswerSchema>

/** The summary is missing only if creating it failed (the log says why). The data is kept either way. */
export const finishedTestSchema = testStateSchema.extend({ summary: summarySchema.optional() })
export type FinishedTest = TestState & { summary?: Summary }

export const relayStatusSchema = z.object({
  url: z.string().describe('of InfluxDB, without user and password'),
  database: z.string(),
  connected: z.boolean().describe('the last write succeeded'),
  written: countSchema.describe('points that InfluxDB has accepted'),
  dropped: countSchema.describe('points that InfluxDB refused for good; the log names each cause'),
  lagBytes: countSchema.describe('bytes of the journals that are not relayed yet'),
  failures: countSchema.describe('writes that failed and were tried again'),
  lastError: z.string().optional()
})
export type RelayStatus = z.infer<typeof relayStatusSchema>

export const serverStatusSchema = z.object({
  ok: z.literal(true),
  version: z.string(),
  now: instantSchema,
  uptimeSeconds: z.number(),
  durability: z.enum(['fsync', 'write']),
  tests: z.object({
    created: countSchema,
    running: countSchema,
    finished: countSchema,
    corrupt: countSchema
  }),
  points: countSchema.describe('data points accepted since the start of the server'),
  duplicates: countSchema.describe('data points that had come before and were not stored again'),
  bytes: countSchema.describe('written to journals since the start of the server'),
  eventLoopDelayMs: z
    .object({ p99: z.number(), max: z.number() })
    .describe('how late the event loop came since the start: what blocks it delays everyone'),
  eventStreams: countSchema.describe('open now'),
  relay: relayStatusSchema.nullable().describe('null if no InfluxDB is configured'),
  access: z
    .enum(['control', 'submit', 'read'])
    .nullable()
    .describe('what the caller may do; null: only what is open')
})
export type ServerStatus = z.infer<typeof serverStatusSchema>

/** The commands whose outcomes are listed, and the names of their files: `<kind>.html` and `<kind>.json`. */
export const COMPARISON_KINDS = ['comparison', 'history', 'weather'] as const

export const comparisonEntrySchema = z.object({
  id: idSchema,
  kind: z.enum(COMPARISON_KINDS),
  madeAt: instantSchema.describe('ms since 1970'),
  engine: z.enum(ENGINES).optional().describe('absent: real browsers'),
  stopped: z
    .string()
    .optional()
    .describe(
      'how far it got, if it was stopped, e.g. "stopped, 3 of 8 blocks"; why it ended early, if a history did'
    ),
  builds: z.array(z.string()).describe('baseline and candidate; the builds of a history, oldest first'),
  verdicts: z
    .array(z.enum(['pass', 'worse', 'undecided']))
    .describe(
      'of the release gate: one for a comparison, one for each network of a weather map, and for each later build of a history the worse of its two'
    ),
  weathers: z
    .array(z.string())
    .optional()
    .describe('names of the networks of a weather map, one for each verdict')
})
export type ComparisonEntry = z.infer<typeof comparisonEntrySchema>
