/**
 * Reads the comparison of a fork's job. Its code ran there, so every word may be chosen by an attacker: only
 * verdicts, figures and known names are taken, and the sentences are made again from them.
 */
import { z } from 'zod'
import { parseGate, STANDARD_CRITERIA } from '../../analysis/gate/criteria'
import type { Judged } from '../../analysis/formats/judged'
import type { Gate } from '../../analysis/gate/gate'
import { gateHeadline } from '../../analysis/gate/headline'
import { ENGINES } from '../../protocol/names'
import type { Result } from './report'

/** The file of a long comparison has 2 MB. */
export const LONGEST_FILE = 16 * 2 ** 20

const name = z.string().regex(/^[\w .-]{1,60}$/)
const share = z.number()
const count = z.number().int().nonnegative().max(1e6)
const value = z.union([z.number(), z.literal('never')]).nullable()
const verdict = z.enum(['pass', 'worse', 'undecided'])
const criterionVerdict = z.enum(['holds', 'worse', 'undecided', 'not judged'])
/** Words are dropped, whatever they are. */
const dropped = z.unknown().transform(() => null)

const component = z.object({
  metric: name,
  unit: z.string().regex(/^[\w/]{1,20}$/),
  scale: z.enum(['ratio', 'difference']),
  direction: name,
  margin: share,
  verdict: criterionVerdict,
  isBetter: z.boolean(),
  ...{ baseline: value, candidate: value, estimate: value, limit: value },
  spread: share.nullable(),
  count
})
const criterion = z.object({
  name: name.refine((own) => isKnown(own)),
  asks: dropped.transform(() => ''),
  verdict: criterionVerdict,
  margin: share,
  worseP: share,
  remark: dropped,
  components: z.array(component).max(20)
})
const part = z.object({
  verdict,
  criteria: z.array(criterion).max(40),
  stability: z.object({ trials: count, estimate: share, limit: share.nullable() }).nullable(),
  firstErrors: dropped.transform(() => [null, null]),
  isFirm: z.boolean()
})
const attempts = z.object({ attempts: count, valid: count, void: count, failed: count })
const document = z.object({
  version: z.literal(3),
  madeAt: z.number().int().positive().max(8.64e15),
  stopped: z.string().nullable(),
  gate: part.extend({
    engine: z.enum(ENGINES).nullable(),
    level: share,
    attempts: z.object({
      baseline: attempts,
      candidate: attempts,
      reasons: z.array(z.object({ reason: name, cause: name, baseline: count, candidate: count })).max(50)
    }),
    simulated: z
      .array(
        part.extend({
          peers: count,
          isDeduplicated: z.boolean(),
          seeds: count,
          meshesDiffer: z.boolean(),
          refused: z
            .string()
            .nullable()
            .transform((why) => why && 'see the job')
        })
      )
      .max(5),
    sequential: z.object({ looks: count, blocks: count, maxBlocks: count }).nullable()
  })
})

/** @param text of `comparison.json` */
export function readUntrusted(text: string): Result {
  try {
    const { gate, madeAt, stopped } = document.parse(JSON.parse(text))
    if (stopped !== null) return { why: 'The comparison was stopped' }
    if (verdictOf(gate.criteria) !== gate.verdict) return { why: 'The verdict is not that of its criteria' }
    const facts = `${new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    const heading = { title: 'The pull request against its base', facts, notes: [FOREIGN] }
    const judged = { version: 3, id: 'fork', madeAt, heading, stopped: null, next: null } as const
    return {
      judged: { ...judged, headline: gateHeadline(gate as Gate), gate: gate as Gate } satisfies Judged
    }
  } catch {
    return { why: 'The artifact is no comparison of this version of peer-perf' }
  }
}

const FOREIGN =
  'Measured in a job of the fork, whose own code ran there: its figures are not verified. Repeat it before you rely on it.'

function isKnown(own: string): boolean {
  try {
    return (STANDARD_CRITERIA as readonly string[]).includes(own) || parseGate(`only,${own}`).length === 1
  } catch {
    return false
  }
}

/** As the gate does: the worst criterion counts. */
function verdictOf(criteria: readonly { verdict: string }[]): string {
  const judged = criteria.filter((each) => each.verdict !== 'not judged')
  if (judged.some((each) => each.verdict === 'worse')) return 'worse'
  return judged.length > 0 && judged.every((each) => each.verdict === 'holds') ? 'pass' : 'undecided'
}
