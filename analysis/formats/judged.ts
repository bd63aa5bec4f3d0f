/**
 * What each format tells: one comparison, or one for each network of a weather map. And what
 * `comparison.json` promises, version 3: the package's JSON schema, and the check of others' files.
 */
import { z } from 'zod'
import { attempt } from '../../protocol/attempt'
import { COMPARISON_VERSION } from '../../protocol/names'
import { count, gateSchema, list, words } from '../gate/result'

export const FORMATS = ['text', 'markdown', 'json', 'junit', 'benchmark-json', 'bmf'] as const
export type Format = (typeof FORMATS)[number]

const metric = z.object({
  entry: z.object({ path: words, unit: words, better: z.enum(['lower', 'higher', 'neutral']) }),
  metric: z.object({ scale: z.enum(['ratio', 'difference']) }),
  values: z.object({ baseline: list(z.number()), candidate: list(z.number()) }),
  estimate: z.number().describe('candidate ÷ baseline, or candidate − baseline, by scale'),
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
    gate: gateSchema,
    primary: metric.optional(),
    secondary: list(metric).optional()
  })
  .describe('A comparison of two builds: comparison.json, and peer-perf compare --format json')

type Schema = z.ZodType<z.infer<typeof judgedSchema>>

/** Its verdict, without what it explores: 1 ÷ 0 is a figure of that, and JSON has null for it. */
export const verdictSchema: Schema = judgedSchema.omit({ primary: true, secondary: true })

/** Throws an Error with one line that names the first field at fault. */
export function readJudged(text: string, schema: Schema = judgedSchema): z.infer<Schema> {
  const document = attempt(() => JSON.parse(text) as unknown)
  if (document === undefined) throw new Error('it is not JSON')
  const { data, error } = schema.safeParse(document)
  if (!error) return data
  const [{ path, message }] = error.issues as [z.core.$ZodIssue]
  throw new Error(`${path.length > 0 ? path.join('.') : 'it'}: ${message}`)
}

/** The part of `comparison.json` that it has whether or not runs could be compared. */
export type Judged = z.infer<typeof judgedSchema>

/** Void runs may still show that a build is worse. */
export function isMeasured({ why = null, isUnmeasured = why !== null, gate }: Judged): boolean {
  return !isUnmeasured || gate.verdict === 'worse'
}

export interface Part {
  /** The network, in a weather map; empty for a single comparison. */
  name: string
  /** Null if it did not come to a verdict. */
  judged: Judged | null
  /** Why not, in one line. */
  trouble: string | null
}

/** What decides it in a CI job, whose results end with it. */
export function repeated(next: string | null): string | null {
  // A busy machine ended it: more blocks are not what it lacks.
  if (/^npx peer-perf \w+ --resume \S+$/.test(next ?? '')) return 'repeat it on a machine that is free'
  const [, begun, most] = /^npx peer-perf \w+( --resume)?.*(--max-blocks \d+)$/.exec(next ?? '') ?? []
  if (most === undefined) return null
  return `repeat it with ${most}${begun === undefined ? ' instead of --blocks' : ''}`
}
