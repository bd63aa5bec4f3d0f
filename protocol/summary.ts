/** A test reduced to figures with paths such as `latency.position.p95`. An unknown one is null, never 0. */
import { z } from 'zod'
import { ENGINES, forAllKinds, SUMMARY_VERSION } from './names'
import { librarySchema } from './peer-results'
import { amountSchema, countSchema, finiteSchema, idSchema, instantSchema } from './primitives'
import { runnerProvenanceSchema } from './runner-sample'

const knownSchema = amountSchema.nullable()

/** Percentiles of merged histograms, never averages of percentiles. In ms unless the metric differs. */
const distributionSchema = z
  .object({ count: countSchema, p50: amountSchema, p95: amountSchema, p99: amountSchema, max: amountSchema })
  .nullable()
export type Distribution = z.infer<typeof distributionSchema>

/** In ms. A percentile is null if there are too few messages for it (analysis/distribution.ts). */
const latencySchema = z
  .object({ count: countSchema, p50: knownSchema, p95: knownSchema, p99: knownSchema, max: amountSchema })
  .nullable()
export type LatencyDistribution = z.infer<typeof latencySchema>

/**
 * Over all messages owed: `never` of the `count` did not arrive. A percentile that falls among those is null,
 * as is one of too few messages: `owedPercentile` in analysis/distribution.ts distinguishes the two.
 */
const owedLatencySchema = latencySchema
  .unwrap()
  .extend({
    count: z.number().describe('arrivals owed'),
    never: z.number().describe('of them, those that did not come'),
    max: knownSchema
  })
  .nullable()
export type OwedLatency = z.infer<typeof owedLatencySchema>

/** Unknown in the summaries of older versions, which lack it. */
const addedLater = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape).default(Object.fromEntries(Object.keys(shape).map((name) => [name, null])) as never)

const perKind = <T extends z.ZodType>(value: T) => z.object(forAllKinds(() => value))

export const reasonSchema = z.object({
  rule: z.string().describe('its name in docs/validity.md, e.g. tick-lateness'),
  cause: z
    .enum(['machine', 'build-or-machine'])
    .default('build-or-machine')
    .describe('machine: the machine or the set-up, never the build. Summaries of older versions do not say'),
  what: z.string().describe('what happened'),
  why: z.string().describe('why that matters'),
  advice: z.string().describe('what to try'),
  subject: z.string().optional().describe('id of the peer or runner')
})
export type Reason = z.infer<typeof reasonSchema>
export type Cause = Reason['cause']

export const thresholdResultSchema = z.object({
  expression: z.string(),
  metric: z.string(),
  value: finiteSchema.nullable(),
  passed: z.boolean(),
  reason: z.string().optional().describe('why it was missed, if the value alone does not explain it')
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
  sendRate: perKind(knownSchema).describe('messages per second of a sending peer'),
  expected: perKind(z.number()).describe('arrivals owed: Σ over messages of (peers present − 1)'),
  received: perKind(countSchema).describe('first arrivals'),
  delivery: perKind(knownSchema).describe('received ÷ expected'),
  duplicates: perKind(countSchema),
  duplicateRatio: perKind(knownSchema).describe('duplicates ÷ received'),
  latency: perKind(latencySchema).describe('ms from sending to first arrival; first arrivals only'),
  latencyOwed: perKind(owedLatencySchema.default(null))
    .default({ position: null, profile: null, chat: null, all: null })
    .describe('ms from the instant at which the routine owed the message; over all messages owed'),
  latencyClockError: knownSchema.describe(
    'ms; bound on the clocks’ part in any latency: the sum of the two largest errors'
  ),
  negativeLatencies: countSchema,
  integrity: addedLater({
    echoes: knownSchema.describe('messages that the library handed to their own sender'),
    altered: knownSchema.describe('messages whose content was not what their sender sent'),
    unknown: knownSchema.describe('messages beyond those that their senders sent; at least')
  }).describe('deliveries that are wrong; each voids the test'),
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
  lighthouse: addedLater({ messages: knownSchema, bytes: knownSchema, requests: knownSchema }).describe(
    'WebSocket messages to and from the Lighthouse, their bytes, and HTTP requests; per peer-second'
  ),
  errors: addedLater({ uncaught: knownSchema, first: z.string().nullable() }).describe(
    'errors in the pages that nothing caught, unhandled rejections among them'
  ),
  connection: z
    .object({
      socket: distributionSchema,
      joined: distributionSchema,
      first: distributionSchema,
      fourth: distributionSchema.describe(
        'only of peers that found at least four others; null if they may have fewer connections'
      )
    })
    .describe('ms since the peer was made, without its wait for its turn'),
  mesh: z.object({
    components: knownSchema.describe('connected components at the end'),
    componentsMax: knownSchema.describe('most in the measured time, looked at once a second'),
    groups: knownSchema.describe('layers or islands at the end'),
    timeToFullMesh: knownSchema.describe('ms from startsAt to a whole mesh; 0 if it existed before'),
    degree: distributionSchema.describe('connections of a peer'),
    pathLength: distributionSchema.describe('links on the shortest path of each pair'),
    asymmetricLinks: knownSchema.describe('links that only one end has, at the end'),
    relayShareGini: knownSchema.describe('inequality of relaying: 0 all alike, near 1 one does all'),
    recovery: distributionSchema.describe('ms from a newcomer’s joining to a whole mesh')
  }),
  links: addedLater({
    roundTrip: distributionSchema.describe('ms; the latest of each link, read every second interval'),
    datagrams: knownSchema
      .default(null)
      .describe('sent on links that were not silent: what the loss is a share of'),
    packetLoss: knownSchema.describe('of those datagrams, the share that did not arrive'),
    overhead: knownSchema.describe('bytes of datagrams ÷ bytes of the data channels’ packets, both sent'),
    bufferedMax: knownSchema.describe('most bytes that waited in the channels of one peer'),
    silentMax: knownSchema.describe('most links in one interval on which nothing had arrived for 3 s')
  }).describe('what WebRTC tells of the links; null for older clients'),
  outages: addedLater({
    recovery: distributionSchema.describe('ms from an outage’s end until messages came in time again'),
    notRecovered: knownSchema.describe('outages after which they did not')
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
    memoryPerPeer: knownSchema.describe("bytes of the browsers' processes ÷ peers"),
    memorySlope: finiteSchema
      .nullable()
      .default(null)
      .describe('growth of that per second, from the peers being ready to the end; null if read too seldom')
  }),
  startSkew: knownSchema.describe('ms between the first and the last peer’s start of its routine'),
  verdict: z.enum(['valid', 'void']),
  reasons: z.array(reasonSchema),
  thresholds: z.array(thresholdResultSchema),
  provenance: z.object({
    engine: z.enum(ENGINES).optional().describe('absent: real browsers'),
    network: z.string().optional().describe('of a simulation, with its faults; runners have their own'),
    suiteCommit: z.string().optional().describe('of a simulation; runners have their own'),
    libraries: z.array(librarySchema),
    routines: z.array(z.string()),
    seed: countSchema,
    warmup: z.number(),
    edges: z.array(z.tuple([countSchema, countSchema])).describe('links at the end, by peer number'),
    runners: z.array(runnerProvenanceSchema)
  })
})
export type Summary = z.infer<typeof summarySchema>
