/** The data point: one peer's statistics for one interval (docs/data-points.md). */
import { z } from 'zod'
import { LIMITS } from './limits'
import { LIBRARY_SERIES, type LibrarySeries } from './names'
import {
  amountSchema,
  countSchema,
  finiteSchema,
  histogramSchema,
  idSchema,
  instantSchema,
  positionSchema
} from './primitives'

export { LIBRARY_SERIES, MESSAGE_KINDS, type LibrarySeries, type MessageKind } from './names'

/** What each series has: the period's count (no suffix), and six more. */
export const SERIES_SUFFIXES = [
  '',
  'Total',
  'PerSecond',
  'Bytes',
  'TotalBytes',
  'BytesPerSecond',
  'AveragePacketSize'
] as const
export type LibraryField = `${LibrarySeries}${(typeof SERIES_SUFFIXES)[number]}`
export const LIBRARY_FIELDS = LIBRARY_SERIES.flatMap((series) =>
  SERIES_SUFFIXES.map((suffix): LibraryField => `${series}${suffix}`)
)

const libraryShape = Object.fromEntries(
  LIBRARY_FIELDS.map((field) => [field, amountSchema.optional()])
) as Record<LibraryField, z.ZodOptional<typeof amountSchema>>

const messageCountsSchema = z.object({
  sent: countSchema,
  received: countSchema.describe('first arrivals'),
  duplicates: countSchema.describe('every later arrival of a message'),
  latency: histogramSchema
})

export const wireSchema = z
  .object({ sent: countSchema, received: countSchema, sentBytes: countSchema, receivedBytes: countSchema })
  .describe('packets and bytes counted on RTCDataChannel itself')

/** Ours, beside the library's: all optional, because older clients send the library's stats alone. */
const ownShape = {
  interval: z
    .object({ from: instantSchema, until: instantSchema })
    .optional()
    .describe('what the counts of this data point cover'),
  messages: z
    .object({ position: messageCountsSchema, profile: messageCountsSchema, chat: messageCountsSchema })
    .optional(),
  wire: wireSchema.optional(),
  hops: z
    .array(countSchema)
    .max(32)
    .optional()
    .describe('first arrivals by number of relays in between: [direct, 1, 2 …]'),
  sendErrors: countSchema.optional(),
  ticks: z
    .object({
      count: countSchema,
      latenessP50: amountSchema,
      latenessP95: amountSchema,
      latenessMax: amountSchema
    })
    .optional()
    .describe('how late the ~16 ms ticks came, in ms'),
  clock: z
    .object({ offset: finiteSchema, error: amountSchema, id: idSchema.optional() })
    .optional()
    .describe('to the results server, in ms; id: whose estimate it is'),
  group: z.string().max(64).optional().describe('layer or island'),
  connections: z
    .object({ open: countSchema, created: countSchema })
    .optional()
    .describe('RTCPeerConnections of this peer: open now, and created since it was made')
}

export const metricsSchema = z.object({
  ...libraryShape,
  connectedPeers: z.array(idSchema).max(LIMITS.connectedPeers).optional(),
  knownPeersCount: countSchema.optional(),
  position: positionSchema.optional(),
  averageLatency: amountSchema.optional().describe("the library's own last round trip, in ms"),
  ...ownShape
})
export type Metrics = z.infer<typeof metricsSchema>

/** Body of `PUT /test/:testId/peer/:peerId/metrics`. Without `sequence` (older clients) the server numbers it. */
export const singlePointSchema = metricsSchema.extend({ sequence: countSchema.optional() })
export type SinglePoint = z.infer<typeof singlePointSchema>

/** An entry of the body of `POST /test/:testId/metrics`. */
export const batchPointSchema = metricsSchema.extend({ peerId: idSchema, sequence: countSchema })
export type BatchPoint = z.infer<typeof batchPointSchema>
export const batchSchema = z.array(batchPointSchema).min(1).max(LIMITS.batchLength)

/** A data point as the results document holds it. */
export const dataPointSchema = z.object({
  peerId: idSchema,
  sequence: countSchema,
  timestamp: instantSchema.describe('when the server received it'),
  metrics: metricsSchema
})
export type DataPoint = z.infer<typeof dataPointSchema>
