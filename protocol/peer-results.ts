/** What a peer sent and heard during the measured time: from `startsAt` + warm-up to the end. */
import { z } from 'zod'
import { LIMITS } from './limits'
import { clockSchema, messageCountsSchema, wireSchema } from './data-point'
import { forEachKind, GENERATIONS } from './names'
import {
  amountSchema,
  countSchema,
  finiteSchema,
  histogramSchema,
  idSchema,
  instantSchema,
  textSchema
} from './primitives'
import { isShallow } from './shallow'

export const isShallowConfig = (config: unknown) => isShallow(config, 8)

export const librarySchema = z.object({
  name: z.string().max(200).describe('npm package name'),
  version: z.string().max(100),
  generation: z.enum(GENERATIONS).describe('which Lighthouse protocol it speaks'),
  integrity: z.string().max(200).optional().describe("npm's integrity hash of the package"),
  dependencies: z
    .record(z.string().max(64), z.string().max(100))
    .optional()
    .describe('versions of simple-peer and protobufjs that it was bundled with'),
  config: z
    .record(z.string().max(64), z.unknown())
    .refine(isShallowConfig, 'at most 8 levels deep')
    .optional()
    .describe('library options that differ from the suite’s')
})
export type Library = z.infer<typeof librarySchema>

const kindResultsSchema = messageCountsSchema.extend({
  sentTimes: z
    .string()
    .max(LIMITS.finalResultsBytes)
    .describe(
      'when each was sent: base64 varints of ms, the first since measured.from, each next since the one before'
    ),
  negativeLatencies: countSchema.describe(
    'first arrivals before they were sent, by the corrected clocks; in the histogram as 0'
  )
})
export type KindResults = z.infer<typeof kindResultsSchema>

/** Received and duplicates of position, of profile, and of chat. */
const heardSchema = z.tuple([countSchema, countSchema, countSchema, countSchema, countSchema, countSchema])

const connectionTimesSchema = z
  .object({
    socket: amountSchema.optional().describe('to the validated WebSocket'),
    joined: amountSchema.optional().describe('to the layer and room, or the first island'),
    firstConnection: amountSchema.optional().describe('to the first open data channel'),
    fourthConnection: amountSchema.optional().describe('to the fourth')
  })
  .describe('ms since the peer was created, without its wait for its turn; missing if it did not happen')

const pageShareSchema = z
  .object({
    uncaught: z.object({ count: countSchema, first: textSchema.optional() }).describe('errors'),
    lighthouse: z
      .object({
        messages: countSchema.describe('over WebSockets, to and from the Lighthouse'),
        bytes: countSchema.describe('of those messages'),
        requests: countSchema.describe('over HTTP')
      })
      .describe('in the measured time')
  })
  .describe(
    "what the page's peers did together and no earlier results report, so that the sum over all peers is the total"
  )
export type PageShare = z.infer<typeof pageShareSchema>

export const peerResultsSchema = z.object({
  number: countSchema.describe(
    "the peer's number in the whole test; with the seed, it decides everything the peer does"
  ),
  runnerId: idSchema.optional(),
  library: librarySchema,
  routine: textSchema,
  group: z.string().max(64).optional().describe('layer or island, at the end'),
  presence: z
    .object({ joined: instantSchema, left: instantSchema })
    .describe('when it was in the room; it is owed every message that others send in this time'),
  startedAt: instantSchema.describe('when its routine first ran'),
  measured: z.object({ from: instantSchema, until: instantSchema }),
  messages: z.object(forEachKind(() => kindResultsSchema)),
  heard: z.record(idSchema, heardSchema).describe('by sender'),
  integrity: z
    .object({
      echoes: countSchema.describe("the peer's own messages"),
      altered: countSchema.describe('not what the sender sent, by the checksum')
    })
    .optional()
    .describe('deliveries that do not count as received, since its routine first ran'),
  hops: z.array(countSchema).max(32).optional(),
  sendErrors: countSchema,
  wire: wireSchema,
  page: pageShareSchema.optional(),
  connectionTimes: connectionTimesSchema,
  connections: z.object({ open: countSchema, created: countSchema }),
  ticks: z.object({ count: countSchema, lateness: histogramSchema }),
  nominal: z
    .object(forEachKind(() => amountSchema))
    .describe('messages that the routine owed in the measured time'),
  clock: clockSchema.extend({ driftPpm: finiteSchema }),
  errors: z.array(textSchema).max(20)
})
export type PeerResults = z.infer<typeof peerResultsSchema>
