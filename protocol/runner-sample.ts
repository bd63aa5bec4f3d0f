/** What a runner tells about its machine, its tabs and itself, every few seconds. The first one registers it; they are its heartbeat. */
import { z } from 'zod'
import { amountSchema, countSchema, textSchema } from './primitives'

export const RUNNER_STATES = ['starting', 'ready', 'running', 'finished', 'failed'] as const

/** Where a runner's results come from: what must be alike for two results to be compared. */
export const runnerProvenanceSchema = z.object({
  suiteCommit: z.string().max(64).optional(),
  browser: z.string().max(200).describe('e.g. Chrome/156.0.8078.79'),
  cpuModel: z.string().max(200),
  cores: amountSchema.describe('that the browser may use; a cgroup may allow a fraction'),
  ownCore: z.boolean().optional().describe('the browser kept to one core'),
  os: z.string().max(200),
  node: z.string().max(50),
  lighthouse: z.object({ url: textSchema, name: textSchema.optional(), version: textSchema.optional() }),
  peersPerTab: countSchema
})
export type RunnerProvenance = z.infer<typeof runnerProvenanceSchema>

export const runnerSampleSchema = z.object({
  sequence: countSchema,
  state: z.enum(RUNNER_STATES),
  peers: z.object({ wanted: countSchema, ready: countSchema, done: countSchema }),
  tabs: z.object({ open: countSchema, crashed: countSchema }),
  interval: amountSchema.describe('ms since the last sample, which the CPU figures cover'),
  cpu: z.object({
    cores: amountSchema.describe('available'),
    usage: amountSchema.describe('cores busy on the machine or cgroup ÷ cores available: 0 to 1'),
    browser: amountSchema.describe("CPU-ms of the browser's processes in the interval"),
    throttled: amountSchema.describe('share of scheduler periods in which the cgroup was throttled: 0 to 1')
  }),
  memory: z.object({
    used: countSchema.describe('bytes, of the cgroup or machine'),
    limit: countSchema.describe('bytes'),
    browser: countSchema.describe("bytes (PSS where it can be read, else RSS) of the browser's processes")
  }),
  errors: z.array(textSchema).max(20).describe('page errors and crashes since the last sample'),
  provenance: runnerProvenanceSchema.optional().describe('with the first sample')
})
export type RunnerSample = z.infer<typeof runnerSampleSchema>
