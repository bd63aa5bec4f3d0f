/**
 * What a test comes down to. Every number has a path, such as `latency.position.p95`: thresholds and comparisons name
 * metrics by it. A metric that cannot be known is null, never 0.
 */
import { z } from 'zod'
import { SUMMARY_VERSION } from './names'
import { librarySchema } from './peer-results'
import { countSchema, idSchema, instantSchema } from './primitives'
import { runnerProvenanceSchema } from './runner-sample'

export { SUMMARY_VERSION } from './names'

const knownSchema = z.number().nullable()

/** Percentiles of merged histograms, never averages of percentiles. Milliseconds, unless the metric says otherwise. */
const distributionSchema = z
  .object({
    count: countSchema,
    p50: z.number(),
    p95: z.number(),
    p99: z.number(),
    max: z.number()
  })
  .nullable()
export type Distribution = z.infer<typeof distributionSchema>

const perKind = <T extends z.ZodType>(value: T) =>
  z.object({ position: value, profile: value, chat: value, all: value })

/** A broken rule of validity. */
export const reasonSchema = z.object({
  rule: z.string().describe('its name in docs/validity.md, e.g. tick-lateness'),
  what: z.string().describe('what happened'),
  why: z.string().describe('why that matters'),
  advice: z.string().describe('what to try'),
  subject: z.string().optional().describe('id of the peer or runner')
})
export type Reason = z.infer<typeof reasonSchema>

export const thresholdResultSchema = z.object({
  expression: z.string(),
  metric: z.string(),
  value: knownSchema,
  passed: z.boolean(),
  reason: z.string().optional().describe('why it did not pass, where the value alone does not tell')
})
export type ThresholdResult = z.infer<typeof thresholdResultSchema>

export const summarySchema = z.object({
  version: z.literal(SUMMARY_VERSION),
  testId: idSchema,
  measured: z.object({ from: instantSchema, until: instantSchema, seconds: z.number() }),
  peers: z.object({
    expected: countSchema.nullable(),
    reporting: countSchema,
    done: countSchema,
    peerSeconds: z.number().describe('measured time × peers present')
  }),
  sent: perKind(countSchema).describe('messages'),
  sendRate: perKind(knownSchema).describe('messages per second of a peer that sends'),
  expected: perKind(z.number()).describe('arrivals owed: Σ over messages of (peers present − 1)'),
  received: perKind(countSchema).describe('first arrivals'),
  delivery: perKind(knownSchema).describe('received ÷ expected'),
  duplicates: perKind(countSchema),
  duplicateRatio: perKind(knownSchema).describe('duplicates ÷ received'),
  latency: perKind(distributionSchema),
  latencyClockError: knownSchema.describe(
    'ms; bound on the clocks’ part in any latency: the sum of the two largest errors'
  ),
  negativeLatencies: countSchema,
  hops: distributionSchema.describe('relays between sender and receiver'),
  sendErrors: countSchema,
  wire: z.object({
    packetsSent: countSchema,
    packetsReceived: countSchema,
    bytesSent: countSchema,
    bytesReceived: countSchema,
    packetsPerMessage: knownSchema.describe('packets received ÷ first arrivals: the overhead of the mesh'),
    packetsPerPeerSecond: knownSchema.describe('received'),
    bytesPerPeerSecond: knownSchema.describe('received')
  }),
  library: z
    .object({
      sent: knownSchema,
      received: knownSchema,
      relayed: knownSchema,
      relevant: knownSchema,
      duplicate: knownSchema,
      expired: knownSchema
    })
    .describe("packets per peer-second by the library's own stats"),
  connection: z
    .object({
      socket: distributionSchema,
      joined: distributionSchema,
      first: distributionSchema,
      fourth: distributionSchema
    })
    .describe('ms since the peer was made'),
  mesh: z.object({
    components: knownSchema.describe('connected components at the end'),
    componentsMax: knownSchema.describe('most at any time in the measured part'),
    groups: knownSchema.describe('layers or islands at the end'),
    timeToFullMesh: knownSchema.describe(
      'ms from startsAt to one component of all peers; 0 where it stood before'
    ),
    degree: distributionSchema.describe('connections of a peer'),
    pathLength: distributionSchema.describe('links on the shortest path of each pair'),
    asymmetricLinks: knownSchema.describe('links that only one end has, at the end'),
    relayShareGini: knownSchema.describe('inequality of relaying: 0 all alike, 1 one does all'),
    recovery: distributionSchema.describe('ms from a newcomer’s joining to one component')
  }),
  ticks: z.object({ lateness: distributionSchema }),
  clock: z
    .object({ error: distributionSchema, driftPpm: distributionSchema })
    .describe('per peer; ms and ppm'),
  machine: z.object({
    cpuUsageMax: knownSchema.describe('worst runner’s mean share of its cores in the measured time: 0 to 1'),
    throttledMax: knownSchema,
    cpuMsPerPeerSecond: knownSchema.describe("of the browsers' processes"),
    cpuMsPerDelivered: knownSchema.describe('per first arrival'),
    memoryPerPeer: knownSchema.describe("bytes of the browsers' processes ÷ peers")
  }),
  startSkew: knownSchema.describe('ms between the first and the last peer’s start of its routine'),
  verdict: z.enum(['valid', 'void']),
  reasons: z.array(reasonSchema),
  thresholds: z.array(thresholdResultSchema),
  provenance: z.object({
    libraries: z.array(librarySchema),
    routines: z.array(z.string()),
    seed: countSchema,
    warmup: z.number(),
    edges: z.array(z.tuple([countSchema, countSchema])).describe('links at the end, by peer number'),
    runners: z.array(runnerProvenanceSchema)
  })
})
export type Summary = z.infer<typeof summarySchema>
