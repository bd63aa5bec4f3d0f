import { z } from 'zod'

/** What peers say to each other through the Lighthouse. The payloads are theirs alone. */
const RELAYED = ['OFFER', 'ANSWER', 'CANDIDATE', 'REJECT', 'LEAVE', 'EXPIRE'] as const

const coordinate = z.number()

/** A field that is missing or makes no sense is left out: a heartbeat is still a sign of life. */
const heartbeat = z
  .object({
    connectedPeerIds: z.array(z.string().max(256)).max(1000).catch([]),
    position: z.tuple([coordinate, coordinate, coordinate]).optional().catch(undefined),
    parcel: z.tuple([coordinate, coordinate]).optional().catch(undefined),
    optimizeNetwork: z.boolean().catch(false),
    maxDistance: z.number().catch(160)
  })
  .catch({ connectedPeerIds: [], optimizeNetwork: false, maxDistance: 160 })

const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('VALIDATION') }),
  z.object({ type: z.literal('HEARTBEAT'), payload: heartbeat }),
  ...RELAYED.map((type) =>
    z.object({ type: z.literal(type), dst: z.string(), payload: z.unknown().optional() })
  )
])

export type Heartbeat = z.infer<typeof heartbeat>
export type RelayedFrame = { type: (typeof RELAYED)[number]; dst: string; payload?: unknown }
export type Frame = { type: 'VALIDATION' } | { type: 'HEARTBEAT'; payload: Heartbeat } | RelayedFrame

/** Reads a text frame; undefined for whatever is not a frame that the Lighthouse acts on. */
export function parseFrame(text: string): Frame | undefined {
  try {
    return frame.safeParse(JSON.parse(text)).data as Frame | undefined
  } catch {
    return undefined
  }
}
