/**
 * What `comparison.json` promises to its readers, version 3. The package ships it as a JSON schema; whoever
 * gets the file from elsewhere, such as from a stranger's CI job, checks it with `readJudged`.
 */
import { z } from 'zod'
import { COMPARISON_VERSION } from '../comparison/comparison'

const words = z.string().max(10_000)
const list = <T extends z.ZodType>(item: T) => z.array(item).max(1000)
const count = z.number().int().min(0)
/**
 * A figure; `never` where most runs did not reach it, null where it is unknown, as is the size of a change
 * from or to 0.
 */
const figure = z.union([z.number(), z.literal('never'), z.null()])

const component = z.object({
  metric: words,
  unit: words,
  scale: z.enum(['ratio', 'difference']),
  direction: words,
  margin: z.number(),
  verdict: z.enum(['holds', 'worse', 'undecided', 'not judged']),
  isBetter: z.boolean(),
  baseline: figure,
  candidate: figure,
  estimate: figure.describe('candidate ÷ baseline, or candidate − baseline, by scale'),
  limit: figure.describe('the worst change that the runs still allow, with 95% confidence'),
  spread: z.number().nullable(),
  count
})

const part = {
  verdict: z.enum(['pass', 'worse', 'undecided']),
  criteria: list(
    z.object({
      name: words,
      asks: words,
      verdict: component.shape.verdict,
      margin: z.number(),
      worseP: z.number(),
      remark: words.nullable(),
      components: list(component)
    })
  ),
  stability: z
    .object({ trials: count, estimate: z.number().nullable(), limit: z.number().nullable() })
    .nullable(),
  firstErrors: list(words.nullable()),
  isFirm: z.boolean()
}

const attempts = z.object({ attempts: count, valid: count, void: count, failed: count })

const gate = z.object({
  ...part,
  engine: z.enum(['browser', 'simulation']).nullable(),
  level: z.number(),
  attempts: z.object({
    baseline: attempts,
    candidate: attempts,
    reasons: list(
      z.object({
        reason: words,
        cause: z.enum(['machine', 'build-or-machine']),
        baseline: count,
        candidate: count
      })
    )
  }),
  simulated: list(
    z.object({
      ...part,
      peers: count,
      isDeduplicated: z.boolean(),
      seeds: count,
      meshesDiffer: z.boolean(),
      refused: words.nullable()
    })
  ),
  sequential: z.object({ looks: count, blocks: count, maxBlocks: count }).nullable()
})

const values = z.object({ baseline: list(z.number()), candidate: list(z.number()) })
const metric = z.object({
  entry: z.object({ path: words, unit: words, better: z.enum(['lower', 'higher', 'neutral']) }),
  values,
  estimate: z.number(),
  interval: z.object({ low: z.number(), high: z.number(), confidence: z.number() }).nullable()
})

export const judgedSchema = z
  .object({
    version: z.literal(COMPARISON_VERSION),
    id: words,
    madeAt: count.max(8.64e15).describe('ms since 1970'),
    heading: z.object({ title: words, facts: words, notes: list(words) }),
    headline: words.describe('the verdict in one line'),
    stopped: words.nullable().describe('how far it got; null if it ended'),
    next: words.nullable().describe('the command that decides it; null if it is decided'),
    why: words.nullish().describe('why no figure could be compared'),
    isUnmeasured: z.boolean().optional().describe('no run of a build could be used'),
    gate,
    primary: metric.optional(),
    secondary: list(metric).optional()
  })
  .describe('A comparison of two builds: comparison.json, and peer-perf compare --format json')

type Schema = z.ZodType<z.infer<typeof judgedSchema>>

/** Its verdict, without what it explores: 1 ÷ 0 is a figure of that, and JSON has null for it. */
export const verdictSchema: Schema = judgedSchema.omit({ primary: true, secondary: true })

/** Throws an Error with one line that names the first field at fault. */
export function readJudged(text: string, schema: Schema = judgedSchema): z.infer<Schema> {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
  const { data, error } = schema.safeParse(document)
  if (!error) return data
  const [{ path, message }] = error.issues as [z.core.$ZodIssue]
  throw new Error(`${path.length > 0 ? path.join('.') : 'it'}: ${message}`)
}
