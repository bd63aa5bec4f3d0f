/**
 * Reads the comparison of a fork's job. Its code ran there, so each word may be an attacker's: only verdicts,
 * figures and known names are taken, and the sentences are made again from them.
 */
import { utcTime } from '../../analysis/format'
import { isMeasured, readJudged, verdictSchema } from '../../analysis/formats/judged'
import { WITHOUT_SUMMARY } from '../../analysis/gate/attempts'
import { parseGate } from '../../analysis/gate/criteria'
import { verdictOf } from '../../analysis/gate/gate'
import { gateHeadline } from '../../analysis/gate/headline'
import type { GatePart } from '../../analysis/gate/result'
import { RULES } from '../../analysis/validity/rules'
import { attempt } from '../../protocol/attempt'
import type { Result } from './report'

/** Bytes; a long comparison has 2 MB. */
export const LONGEST_FILE = 16 * 2 ** 20

const FOREIGN =
  'Measured in a job of the fork, whose own code ran there: its figures are not verified. Repeat it before you rely on it.'

/** @param text of `comparison.json` */
export function readUntrusted(text: string): Result {
  const judged = attempt(() => readJudged(text, verdictSchema))
  if (!judged) return { why: 'The artifact is not a comparison by this version of peer-perf' }
  const { madeAt, stopped, version } = judged
  if (!isMeasured(judged)) return { why: 'No run could be compared' }
  if (stopped !== null) return { why: 'The comparison was stopped' }
  const simulated = judged.gate.simulated.map((part) => ({
    ...wordless(part),
    refused: part.refused === null ? null : 'see the job'
  }))
  const gate = { ...wordless(judged.gate), simulated }
  const reasons = gate.attempts.reasons.map(({ reason }) => reason)
  if (!reasons.every((reason) => REASONS.has(reason)) || ![gate, ...simulated].every(areKnown))
    return { why: 'The artifact names what peer-perf does not know' }
  if (verdictOf(gate.criteria) !== gate.verdict) return { why: 'The verdict is not that of its criteria' }
  const heading = { title: 'The pull request against its base', facts: utcTime(madeAt), notes: [FOREIGN] }
  const headline = gateHeadline(gate)
  return { judged: { version, id: 'fork', madeAt, heading, headline, stopped: null, next: null, gate } }
}

function wordless<T extends GatePart>(part: T): T {
  const criteria = part.criteria.map((criterion) => ({ ...criterion, asks: '', remark: null }))
  return { ...part, criteria, firstErrors: [null, null] }
}

const REASONS: ReadonlySet<string> = new Set([...RULES.map(({ name }) => name), ...WITHOUT_SUMMARY])

/** The gate's own criteria, each with its own metrics and their units. */
function areKnown({ criteria }: GatePart): boolean {
  return criteria.every(({ name, components }) => {
    const [own] = attempt(() => parseGate(`only,${name}`)) ?? []
    const isOwn = (metric: string, unit: string) =>
      own?.components.some((each) => each.metric.name === metric && each.unit === unit)
    return own?.name === name && components.every(({ metric, unit }) => isOwn(metric, unit))
  })
}
