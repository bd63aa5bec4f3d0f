/** A topology snapshot: which peers are connected, as one observer sees it. */
import { z } from 'zod'
import { LIMITS } from './limits'
import { idSchema, instantSchema, positionSchema } from './primitives'

export const topologySchema = z.object({
  at: instantSchema,
  source: z.enum(['lighthouse', 'peers']),
  nodes: z
    .array(
      z.object({
        id: idSchema,
        group: z.string().max(64).optional(),
        position: positionSchema.optional(),
        connectedPeers: z.array(idSchema).max(LIMITS.connectedPeers)
      })
    )
    .max(LIMITS.peersPerTest)
})
export type Topology = z.infer<typeof topologySchema>
