/** The data point: one peer's statistics for one interval (docs/data-points.md). */
import { z } from 'zod'
import { LIMITS } from './limits'
import { forEachKind, LIBRARY_SERIES, type LibrarySeries } from './names'
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

/** Suffixes of each series: none for the interval's count, and six more. */
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

export const messageCountsSchema = z.object({
  sent: countSchema,
  received: countSchema.describe('first arrivals'),
  duplicates: countSchema.describe('every later arrival of a message'),
  latency: histogramSchema.describe('of first arrivals, from sending'),
  latencyFromDue: histogramSchema
    .optional()
    .describe('of first arrivals, from the instant at which the routine owed the message'),
  unsent: countSchema
    .optional()
    .describe('owed by the routine and never sent: skipped, or refused by the library'),
  late: countSchema.optional().describe('first arrivals more than 2 s after sending')
})

export const wireSchema = z
  .object({ sent: countSchema, received: countSchema, sentBytes: countSchema, receivedBytes: countSchema })
  .describe('packets and bytes counted on RTCDataChannel itself')

export const clockSchema = z
  .object({
    offset: finiteSchema,
    error: amountSchema,
    id: idSchema.optional().describe('the owner of the estimate: the peers of one runner share it'),
    source: z
      .string()
      .max(50)
      .optional()
      .describe('what bounds the error: round trips, same system clock, or system clocks')
  })
  .describe('offset to the results server, in ms')

export const linksSchema = z
  .object({
    silent: countSchema.describe(
      'links on which at some time in the interval nothing had arrived for 3 s, not even a check of the path'
    ),
    roundTrip: histogramSchema.describe('the latest round trip of each link'),
    sent: countSchema.describe('datagrams, without STUN, on links that were not silent'),
    received: countSchema,
    sentBytes: countSchema.describe('of those datagrams, without their UDP headers'),
    channelBytes: countSchema
      .optional()
      .describe('bytes sent on the data channels of those links up to the same reading'),
    buffered: countSchema.describe('bytes that wait in data channels at the end of the interval')
  })
  .describe('what getStats tells of the links, read shortly before the end of every second interval')
export type LinkFigures = z.infer<typeof linksSchema>

export const metricsSchema = z.object({
  ...libraryShape,
  connectedPeers: z.array(idSchema).max(LIMITS.connectedPeers).optional(),
  knownPeersCount: countSchema.optional(),
  position: positionSchema.optional(),
  averageLatency: amountSchema.optional().describe("the library's own last round trip, in ms"),
  // The suite's own fields. Older clients send only the library's statistics.
  interval: z
    .object({ from: instantSchema, until: instantSchema })
    .optional()
    .describe('the time that this data point covers'),
  messages: z.object(forEachKind(() => messageCountsSchema)).optional(),
  wire: wireSchema.optional(),
  hops: z
    .array(countSchema)
    .max(32)
    .optional()
    .describe('first arrivals by number of relays: [direct, 1, 2 …]'),
  sendErrors: countSchema.optional(),
  ticks: z
    .object({
      count: countSchema,
      latenessP50: amountSchema,
      latenessP95: amountSchema,
      latenessMax: amountSchema
    })
    .optional()
    .describe('how late the ~16 ms ticks were, in ms'),
  clock: clockSchema.optional(),
  group: z.string().max(64).optional().describe('layer or island'),
  connections: z
    .object({ open: countSchema, created: countSchema })
    .optional()
    .describe('RTCPeerConnections of this peer: open now, and created since the peer was made'),
  links: linksSchema.optional()
})
export type Metrics = z.infer<typeof metricsSchema>

/** The server assigns a `sequence` if there is none (older clients). */
export const singlePointSchema = metricsSchema.extend({ sequence: countSchema.optional() })
export type SinglePoint = z.infer<typeof singlePointSchema>

export const batchPointSchema = metricsSchema.extend({ peerId: idSchema, sequence: countSchema })
export type BatchPoint = z.infer<typeof batchPointSchema>
export const batchSchema = z.array(batchPointSchema).min(1).max(LIMITS.batchLength)

export const dataPointSchema = z.object({
  peerId: idSchema,
  sequence: countSchema,
  timestamp: instantSchema.describe('when the server received it'),
  metrics: metricsSchema
})
export type DataPoint = z.infer<typeof dataPointSchema>
