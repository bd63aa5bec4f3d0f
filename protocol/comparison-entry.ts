/** A comparison, history or weather map in the results folder, as the results server lists it. */
import { z } from 'zod'
import { ENGINES } from './names'
import { idSchema, instantSchema } from './primitives'

/** The commands whose outcomes are listed, and the names of their files: `<kind>.html` and `<kind>.json`. */
export const COMPARISON_KINDS = ['comparison', 'history', 'weather'] as const

export const comparisonEntrySchema = z.object({
  id: idSchema,
  kind: z.enum(COMPARISON_KINDS),
  madeAt: instantSchema.describe('ms since 1970'),
  engine: z.enum(ENGINES).optional().describe('absent: real browsers'),
  stopped: z
    .string()
    .optional()
    .describe(
      'how far it got, if it was stopped, e.g. "stopped, 3 of 8 blocks"; why it ended early, if a history did'
    ),
  builds: z.array(z.string()).describe('baseline and candidate; the builds of a history, oldest first'),
  verdicts: z
    .array(z.enum(['pass', 'worse', 'undecided']))
    .describe(
      'of the release gate: one for a comparison, one for each step of a history or for each network of a weather map'
    ),
  weathers: z
    .array(z.string())
    .optional()
    .describe('names of the networks of a weather map, one for each verdict')
})
export type ComparisonEntry = z.infer<typeof comparisonEntrySchema>
