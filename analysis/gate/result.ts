/** What the gate found. Schemas, because `comparison.json` holds it; only their types are used here. */
import { z } from 'zod'

export const words = z.string().max(10_000)
export const list = <T extends z.ZodType>(item: T) => z.array(item).max(1000)
export const count = z.number().int().min(0)
/** `never`: most runs did not reach it. Null: unknown, as is the size of a change from or to 0. */
export const figure = z.union([z.number(), z.literal('never'), z.null()])

const component = z.object({
  metric: words,
  unit: words,
  scale: z.enum(['ratio', 'difference']),
  direction: words,
  margin: z.number(),
  /** `not judged`: no run reports it, neither build reaches it, or these runs cannot show that it holds. */
  verdict: z.enum(['holds', 'worse', 'undecided', 'not judged']),
  isBetter: z.boolean(),
  /** Of this metric, as that of its criterion; absent from older versions. */
  worseP: z.number().optional(),
  /** Medians. */
  baseline: figure,
  candidate: figure,
  estimate: figure.describe('candidate ÷ baseline, or candidate − baseline, by scale'),
  limit: figure.describe('the worst change that the runs still allow, with 95% confidence'),
  /** Standard deviation of the blocks' changes: of logarithms, or in the metric's unit; null if unknown. */
  spread: z.number().nullable(),
  /** Number of blocks, or of runs of each build. */
  count
})
export type ComponentResult = z.infer<typeof component>
export type CriterionVerdict = ComponentResult['verdict']

const criterion = z.object({
  name: words,
  asks: words,
  verdict: component.shape.verdict,
  margin: z.number(),
  /** One-sided p-value that the candidate is worse, adjusted for all criteria. 1 stands for "not shown". */
  worseP: z.number(),
  /** Why it is undecided, and what would settle it. */
  remark: words.nullable(),
  components: list(component)
})
export type CriterionResult = z.infer<typeof criterion>

const part = z.object({
  verdict: z.enum(['pass', 'worse', 'undecided']),
  criteria: list(criterion),
  stability: z
    .object({
      /** Attempts that count: pairs in which neither run is void because of the machine alone. */
      trials: count,
      /** How many more the candidate lost than the baseline, as a share of `trials`; null: unknown. */
      estimate: z.number().nullable(),
      /** With 95% confidence, the candidate alone loses no more than this share; null if unknown. */
      limit: z.number().nullable()
    })
    .nullable(),
  /** The first uncaught error of each build: baseline, candidate. */
  firstErrors: list(words.nullable()),
  /** Whether more blocks would hardly change it. */
  isFirm: z.boolean()
})
export type GatePart = z.infer<typeof part>
export type GateVerdict = GatePart['verdict']

const attempts = z.object({ attempts: count, valid: count, void: count, failed: count })
export type AttemptCounts = z.infer<typeof attempts>

/** An attempt may have several reasons. */
const reason = z.object({
  /** A rule from docs/validity.md, or "failed". */
  reason: words,
  cause: z.enum(['machine', 'build-or-machine']),
  baseline: count,
  candidate: count
})
export type ReasonCounts = z.infer<typeof reason>

const simulatedPart = part.extend({
  peers: count,
  isDeduplicated: z.boolean(),
  seeds: count,
  /** Whether a seed gave the two builds different meshes. */
  meshesDiffer: z.boolean(),
  /** Why there are no runs; null if there are. */
  refused: words.nullable()
})
export type SimulatedPart = z.infer<typeof simulatedPart>

export const gateSchema = part.extend({
  /** What made the runs; null without a run. */
  engine: z.enum(['browser', 'simulation']).nullable(),
  /** One-sided level: for each criterion to be shown to hold, and for all false alarms together. */
  level: z.number(),
  attempts: z.object({ baseline: attempts, candidate: attempts, reasons: list(reason) }),
  /** Runs of both builds in virtual time, made before the blocks. They are part of the verdict. */
  simulated: list(simulatedPart),
  /** Planned blocks that had run when the gate was judged, and looks; null for the fixed design. */
  sequential: z.object({ looks: count, blocks: count, maxBlocks: count }).nullable()
})
export type Gate = z.infer<typeof gateSchema>
