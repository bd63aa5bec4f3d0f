/** What a runner reports every few seconds. The first sample registers it; each one is a heartbeat. */
import { z } from 'zod'
import { LIMITS } from './limits'
import { amountSchema, countSchema, textSchema } from './primitives'

export const RUNNER_STATES = ['starting', 'ready', 'running', 'finished', 'failed'] as const

export const outagesSchema = z
  .array(z.object({ from: amountSchema, until: amountSchema.optional() }))
  .max(LIMITS.outages)
  .describe('times in which the network cuts peers off, ms since the start of the test; no end: to the end')

/** The provenance of a runner's results. Two results are compared only if their provenance matches. */
export const runnerProvenanceSchema = z.object({
  suiteCommit: z.string().max(64).optional(),
  browser: z.string().max(200).describe('e.g. Chrome/156.0.8078.79'),
  host: z.string().max(200).optional().describe('the machine, by its name'),
  cpuModel: z.string().max(200),
  cores: amountSchema.describe('that the browser may use; a cgroup may allow a fraction'),
  ownCore: z.boolean().optional().describe('the browser kept to cores of its own'),
  os: z.string().max(200),
  node: z.string().max(50),
  lighthouse: z.object({
    url: textSchema,
    name: textSchema.optional().describe('drawn at random for each storage folder: it identifies nothing'),
    version: textSchema.optional(),
    commitHash: textSchema.optional(),
    catalystVersion: textSchema.optional()
  }),
  peersPerTab: countSchema,
  turn: z.boolean().optional().describe('its peers connect through TURN servers only'),
  network: textSchema.optional().describe('the lines its peers were on (docs/networks.md); absent: perfect'),
  options: textSchema.optional().describe('of its peers, those that were not as usual and change figures'),
  pooledRates: z
    .boolean()
    .optional()
    .describe('the peers of a tab shared one line, as wide as their lines together'),
  outages: outagesSchema.optional()
})
export type RunnerProvenance = z.infer<typeof runnerProvenanceSchema>

/** Peers are numbered across all runners: one runner's wrong count must not spoil the numbers of the next. */
const runnerPeersSchema = z.int().min(0).max(LIMITS.peersPerTest)

export const runnerSampleSchema = z.object({
  sequence: countSchema,
  state: z.enum(RUNNER_STATES),
  firstPeer: runnerPeersSchema
    .optional()
    .describe('with the first sample: the number of its first peer; by default, the next free one'),
  peers: z.object({ wanted: runnerPeersSchema, ready: runnerPeersSchema, done: runnerPeersSchema }),
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
    browser: countSchema.describe(
      "bytes of the browser's processes: PSS when the peers became ready (RSS before, or if it can't be read), plus the growth of RSS since"
    )
  }),
  errors: z.array(textSchema).max(20).describe('page errors and crashes since the last sample'),
  disturbance: textSchema.optional().describe('what spoilt the running test first, if anything did'),
  provenance: runnerProvenanceSchema.optional().describe('with the first sample')
})
export type RunnerSample = z.infer<typeof runnerSampleSchema>
