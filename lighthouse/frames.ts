import { z } from 'zod'
import { attempt } from '../protocol/attempt'
import { isShallow } from '../protocol/shallow'

/** Frames that peers send to each other through the Lighthouse, which does not read their payloads. */
const RELAYED = ['OFFER', 'ANSWER', 'CANDIDATE', 'REJECT', 'LEAVE', 'EXPIRE'] as const

/** The libraries' own frames have four levels. Deep ones could overflow the stack of what encodes them. */
const MAX_DEPTH = 32
export const MAX_ID_LENGTH = 128
/** Connections that one heartbeat may list: as many as a layer or island has peers. */
const MAX_CONNECTED_PEERS = 100

/** A field that is missing or makes no sense is left out, because a heartbeat is still a sign of life. */
const heartbeat = z
  .object({
    connectedPeerIds: z.array(z.string().max(MAX_ID_LENGTH)).max(MAX_CONNECTED_PEERS).catch([]),
    position: z.tuple([z.number(), z.number(), z.number()]).optional().catch(undefined),
    parcel: z.tuple([z.number(), z.number()]).optional().catch(undefined),
    optimizeNetwork: z.boolean().catch(false),
    maxDistance: z.number().catch(160)
  })
  .catch({ connectedPeerIds: [], optimizeNetwork: false, maxDistance: 160 })

const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('VALIDATION') }),
  z.object({ type: z.literal('HEARTBEAT'), payload: heartbeat }),
  z.object({ type: z.enum(RELAYED), dst: z.string(), payload: z.unknown().optional() })
])

export type Heartbeat = z.infer<typeof heartbeat>
export type Frame = z.infer<typeof frame>
export type RelayedFrame = Extract<Frame, { dst: string }>

/** Parses a text frame. Returns undefined for a frame that the Lighthouse does not act on. Never throws. */
export const parseFrame = (text: string): Frame | undefined =>
  attempt(() => {
    const json: unknown = JSON.parse(text)
    return isShallow(json, MAX_DEPTH) ? frame.safeParse(json).data : undefined
  })
