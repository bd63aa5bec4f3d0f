/** A test and its life: created → running → finished. */
import { z } from 'zod'
import { LIMITS } from './limits'
import { countSchema, idSchema, instantSchema, textSchema } from './primitives'
import { RUNNER_STATES, runnerProvenanceSchema } from './runner-sample'

export const TEST_STATES = ['created', 'running', 'finished'] as const

export const labelsSchema = z
  .record(z.string().min(1).max(64), textSchema)
  .refine((labels) => Object.keys(labels).length <= LIMITS.labels, `at most ${LIMITS.labels} labels`)

/** Body of `POST /test` and `POST /test/:testId`; all of it optional. */
export const createTestSchema = z.strictObject({
  started: z.boolean().default(false).describe('start at creation'),
  expectedPeers: z.int().min(1).max(LIMITS.peersPerTest).optional().describe('start when so many are ready'),
  duration: z
    .number()
    .positive()
    .max(LIMITS.durationSeconds)
    .optional()
    .describe('seconds the peers run their routines; where absent, each client decides'),
  warmup: z.number().min(0).max(3600).default(5).describe('first seconds, left out of the summary'),
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .optional()
    .describe('decides everything random; where absent, the server draws one'),
  labels: labelsSchema.default({}),
  thresholds: z.array(textSchema).max(64).default([]).describe("e.g. 'delivery.position>=0.99'")
})
/** As a caller writes it: all fields optional. */
export type CreateTest = z.input<typeof createTestSchema>

/** A runner as the server sees it. */
const runnerStateSchema = z.object({
  id: idSchema,
  state: z.enum(RUNNER_STATES),
  lost: z.boolean().describe('its heartbeat stopped'),
  lastSeen: instantSchema,
  peers: z.object({ wanted: countSchema, ready: countSchema, done: countSchema }),
  provenance: runnerProvenanceSchema.optional()
})

export const testStateSchema = z.object({
  id: idSchema,
  state: z.enum(TEST_STATES),
  started: z.boolean(),
  finished: z.boolean(),
  createdAt: instantSchema,
  startedAt: instantSchema.optional().describe('when the start was asked for'),
  startsAt: instantSchema.optional().describe('when the routines begin: slightly after startedAt'),
  finishedAt: instantSchema.optional(),
  expectedPeers: countSchema.optional(),
  duration: z.number().optional(),
  warmup: z.number(),
  seed: countSchema,
  labels: labelsSchema,
  thresholds: z.array(z.string()),
  peers: z.object({
    ready: countSchema,
    reporting: countSchema.describe('sent a data point'),
    done: countSchema.describe('handed in their results')
  }),
  runners: z.array(runnerStateSchema),
  dataPointCount: countSchema
})
export type TestState = z.infer<typeof testStateSchema>
