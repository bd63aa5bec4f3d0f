/** A peer's final account: what it sent and heard in the measured time (from `startsAt` + warm-up to the end), exactly. */
import { z } from 'zod'
import { LIMITS } from './limits'
import { wireSchema } from './metrics'
import {
  amountSchema,
  countSchema,
  finiteSchema,
  histogramSchema,
  idSchema,
  instantSchema,
  textSchema
} from './primitives'

/** Deep nesting overflows the stack of whoever encodes it. */
function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1))
}

/** Which build of the peer library a peer ran. */
export const librarySchema = z.object({
  name: z.string().max(200).describe('npm package name'),
  version: z.string().max(100),
  generation: z.enum(['layers', 'islands']).describe('which Lighthouse protocol it speaks'),
  integrity: z.string().max(200).optional().describe("npm's integrity hash of the package"),
  config: z
    .record(z.string().max(64), z.unknown())
    .refine((config) => isShallow(config, 8), 'at most 8 levels deep')
    .optional()
    .describe('library options that differ from the suite’s')
})
export type Library = z.infer<typeof librarySchema>

const kindAccountSchema = z.object({
  sent: countSchema,
  sentTimes: z
    .string()
    .max(LIMITS.accountBytes)
    .describe(
      'when each was sent: base64 varints of ms, the first since measured.from, each next since the one before'
    ),
  received: countSchema,
  duplicates: countSchema,
  latency: histogramSchema,
  negativeLatencies: countSchema.describe(
    'first arrivals before they were sent, by the corrected clocks; in the histogram as 0'
  )
})
export type KindAccount = z.infer<typeof kindAccountSchema>

/** [position received, position duplicates, profile received, profile duplicates, chat received, chat duplicates] */
const heardSchema = z.tuple([countSchema, countSchema, countSchema, countSchema, countSchema, countSchema])

const connectionTimesSchema = z
  .object({
    socket: amountSchema.optional().describe('to the validated WebSocket'),
    joined: amountSchema.optional().describe('to the layer and room, or the first island'),
    firstConnection: amountSchema.optional().describe('to the first open data channel'),
    fourthConnection: amountSchema.optional().describe('to the fourth')
  })
  .describe('ms since the peer was made; absent where it did not happen')

export const peerResultsSchema = z.object({
  number: countSchema.describe("the peer's number in the whole test: the seed and it decide all it does"),
  runnerId: idSchema.optional(),
  library: librarySchema,
  routine: textSchema,
  group: z.string().max(64).optional().describe('layer or island, at the end'),
  presence: z
    .object({ joined: instantSchema, left: instantSchema })
    .describe('when it was in the room; others owe it each message sent in this time'),
  startedAt: instantSchema.describe('when its routine ran first'),
  measured: z.object({ from: instantSchema, until: instantSchema }),
  messages: z.object({ position: kindAccountSchema, profile: kindAccountSchema, chat: kindAccountSchema }),
  heard: z.record(idSchema, heardSchema).describe('by sender'),
  hops: z.array(countSchema).max(32).optional(),
  sendErrors: countSchema,
  wire: wireSchema,
  connectionTimes: connectionTimesSchema,
  connections: z.object({ open: countSchema, created: countSchema }),
  ticks: z.object({ count: countSchema, lateness: histogramSchema }),
  nominal: z
    .object({ position: amountSchema, profile: amountSchema, chat: amountSchema })
    .describe('messages that the routine owed in the measured time'),
  clock: z.object({
    offset: finiteSchema,
    error: amountSchema,
    driftPpm: finiteSchema,
    id: idSchema.optional().describe('whose estimate it is: the peers of one machine share it')
  }),
  errors: z.array(textSchema).max(20)
})
export type PeerResults = z.infer<typeof peerResultsSchema>
