/** A test and its life cycle: created → running → finished. */
import { z } from 'zod'
import { LIMITS, nothingMeasured, WHY_NO_LONGER } from './limits'
import { ENGINES } from './names'
import { countSchema, idSchema, instantSchema, textSchema } from './primitives'
import { outagesSchema, RUNNER_STATES, runnerProvenanceSchema } from './runner-sample'

export const TEST_STATES = ['created', 'running', 'finished'] as const

export const labelsSchema = z
  .record(z.string().min(1).max(64), textSchema)
  .refine((labels) => Object.keys(labels).length <= LIMITS.labels, `at most ${LIMITS.labels} labels`)
  .describe(`at most ${LIMITS.labels}`)

/** Body of `POST /test` and `POST /test/:testId`. All fields are optional. */
export const createTestSchema = z
  .strictObject({
    started: z.boolean().default(false).describe('start at creation'),
    expectedPeers: z
      .int()
      .min(1)
      .max(LIMITS.peersPerTest)
      .optional()
      .describe('start when so many are ready'),
    holdStart: z
      .boolean()
      .default(false)
      .describe('start by PUT …/start alone, even when all expected peers are ready'),
    duration: z
      .number()
      .positive()
      .max(LIMITS.durationSeconds, `must be at most ${LIMITS.durationSeconds}: ${WHY_NO_LONGER}`)
      .optional()
      .describe(
        'seconds the peers run their routines, more than the warm-up; by default each client decides'
      ),
    warmup: z.number().min(0).max(3600).default(5).describe('first seconds, left out of the summary'),
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .optional()
      .describe('decides everything random; by default the server draws one'),
    labels: labelsSchema.default({}),
    thresholds: z.array(textSchema).max(64).default([]).describe("e.g. 'delivery.position>=0.99'")
  })
  .superRefine(({ duration, warmup, started, holdStart }, context) => {
    const message = nothingMeasured(duration, warmup)
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['duration'], message })
    if (started && holdStart)
      context.addIssue({ code: 'custom', path: ['holdStart'], message: 'contradicts "started": drop one' })
  })

/** The request body as a caller writes it: all fields are optional. */
export type CreateTest = z.input<typeof createTestSchema>

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
  engine: z.enum(ENGINES).optional().describe('absent: real browsers'),
  state: z.enum(TEST_STATES),
  started: countSchema.optional().describe('startsAt in whole ms; absent before the start'),
  finished: countSchema.optional().describe('finishedAt in whole ms; absent before the end'),
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
    done: countSchema.describe('submitted their results')
  }),
  runners: z.array(runnerStateSchema),
  dataPointCount: countSchema,
  network: z.string().optional().describe('of a simulation, with its faults; runners report their own'),
  outages: outagesSchema.optional().describe('of a simulation; runners report their own'),
  suiteCommit: z.string().max(64).optional().describe('of a simulation; runners report their own'),
  damage: z.string().optional().describe('what the disk has lost of its data; absent if no loss is known')
})
export type TestState = z.infer<typeof testStateSchema>

/** A test in the list: a page of large tests would have hundreds of thousands of runners. */
export const testEntrySchema = testStateSchema.omit({ runners: true })
export type TestEntry = z.infer<typeof testEntrySchema>
