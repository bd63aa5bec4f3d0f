/** Describes the gate's result in words, the same in a terminal and on a page. */
import { formatChange, formatMargin, formatMetric, NOT_REACHED, significantP, UNKNOWN } from '../format'
import type { MetricUnit } from '../metrics-catalog'
import type { AttemptCounts, ComponentResult, CriterionResult, Gate, SimulatedPart } from './result'
import { areDecidedBySeeds, DECIDED_BY_SEEDS } from './gate'
import { FIRST_LOOK } from './looks'

/** The figures of a row, in the order of the table's columns. `p` is told of the metric that decided. */
export const GATE_FIGURES = ['baseline', 'candidate', 'change', 'limit', 'margin', 'p'] as const

export interface GateRow extends Record<(typeof GATE_FIGURES)[number], string> {
  criterion: string
  isFirstOfCriterion: boolean
  result: string
  metric: string
}

export function gateSentence({ verdict, criteria }: Gate): string {
  const [held, open] = [listed(criteria, 'holds'), listed(criteria, 'undecided')]
  if (verdict === 'pass') return `The candidate is shown to be no worse in ${held}.`
  return [open && `Not decided: ${open}.`, held && `Shown to hold: ${held}.`].filter(Boolean).join(' ')
}

function listed(criteria: readonly CriterionResult[], verdict: CriterionResult['verdict']): string {
  return list(criteria.filter((each) => each.verdict === verdict).map(({ name }) => shown(name)))
}

/** Why criteria are undecided, and what each build threw first, one sentence each. */
export function gateRemarks(gate: Gate): string[] {
  const why = [...new Set(gate.criteria.map(({ remark }) => remark))].flatMap((reason) => {
    const names = gate.criteria.filter(({ remark }) => remark === reason).map(({ name }) => shown(name))
    return reason === null ? [] : [`${list(names)}: ${reason}.`]
  })
  const isJudged = gate.criteria.some(({ name }) => name === 'errors')
  const errors = ['baseline', 'candidate'].flatMap((build, index) => thrown(gate, build, index))
  return isJudged ? [...why, ...errors] : why
}

function thrown(gate: Gate, build: string, index: number): string[] {
  const [first] = [gate, ...gate.simulated].flatMap(({ firstErrors }) => firstErrors[index] ?? [])
  return first === undefined ? [] : [`errors: the ${build}'s first uncaught error is "${first}"`]
}

export function gateNotes(gate: Gate): string[] {
  const notes = [stabilitySentence(gate), ...simulatedSentences(gate), sequentialSentence(gate)]
  return notes.filter((note) => note !== null)
}

export function stabilitySentence({ stability, simulated }: Gate): string | null {
  const parts = [
    ...simulated.flatMap(({ stability: own, peers }) =>
      own?.limit == null || own.trials < FIRST_LOOK
        ? []
        : [`${percent(own.limit)} more attempts in ${own.trials} simulated joins of ${peers} peers`]
    ),
    ...(stability?.limit == null
      ? []
      : [`${percent(stability.limit)} more in ${stability.trials} attempts of the blocks`])
  ]
  return parts.length === 0
    ? null
    : `Stability: with 95% confidence, the candidate loses at most ${parts.join(', and ')}.`
}

export function simulatedSentences({ simulated }: Gate): string[] {
  return simulated.map((part) => {
    const { peers, isDeduplicated, seeds, meshesDiffer, refused, verdict } = part
    const size = `${peers} simulated peers${isDeduplicated ? ' (deduplicated)' : ''}`
    if (refused !== null) return `${size}: not judged: ${refused}.`
    const mesh = meshesDiffer
      ? isDeduplicated
        ? '; a seed gives each build its own mesh, so traffic and connecting can only be shown to be worse'
        : '; a seed gives each build its own mesh, so traffic is decided over these seeds, with a margin of 1%'
      : ''
    return `${size}, ${seeds} seeds: ${verdict}${partWords(part)}${mesh}.`
  })
}

function partWords({ verdict, criteria }: SimulatedPart): string {
  const open = verdict === 'pass' ? '' : listed(criteria, verdict)
  return open && ` in ${open}`
}

/** Null for a fixed number of blocks. */
export function sequentialSentence({ sequential }: Gate): string | null {
  if (sequential === null) return null
  const { looks, blocks, maxBlocks } = sequential
  if (looks === 0)
    return `Not judged yet: the gate looks at the runs for the first time after ${Math.min(FIRST_LOOK, maxBlocks)} of at most ${maxBlocks} blocks.`
  return (
    `Judged after ${blocks} of at most ${maxBlocks} blocks, at look ${looks}. The level is spent over the looks, ` +
    'so that all of them together raise a false alarm in at most 5% of comparisons.'
  )
}

export const ATTEMPTS_LOST = 'attempts lost'

export const GATE_LEGEND =
  'A criterion holds if, with 95% confidence, the candidate is worse by less than the margin, and on average within it. It is worse if the change is beyond the margin and not due to chance. ' +
  'Limit: the worst change that the runs still allow. p: how often equal builds would look this different, adjusted for all criteria.'

export function gateRows(gate: Gate): GateRow[] {
  return gate.criteria.flatMap((criterion) =>
    criterion.components.length === 0 ? [stabilityRow(gate, criterion)] : metricRows(gate, criterion)
  )
}

const stabilityRow = ({ attempts, stability }: Gate, criterion: CriterionResult): GateRow => ({
  criterion: shown(criterion.name),
  isFirstOfCriterion: true,
  result: criterion.verdict,
  p: stability?.estimate == null ? UNKNOWN : pOf(criterion),
  metric: ATTEMPTS_LOST,
  baseline: lostOf(attempts.baseline),
  candidate: lostOf(attempts.candidate),
  change: signedPoints(stability?.estimate),
  limit: signedPoints(stability?.limit),
  margin: formatMargin('difference', 'ratio', criterion.margin)
})

function metricRows({ simulated }: Gate, criterion: CriterionResult): GateRow[] {
  const areDecided = areDecidedBySeeds(simulated)
  const { components, worseP } = criterion
  const decisive =
    components.find(({ verdict }) => verdict === 'worse') ??
    components.find((component) => component.worseP === worseP && component.baseline !== null) ??
    components[0]
  return components.map((component, index) => ({
    criterion: shown(criterion.name),
    isFirstOfCriterion: index === 0,
    result: resultOf(component, areDecided),
    p: component !== decisive ? '' : component.baseline === null ? UNKNOWN : pOf(criterion),
    metric: component.metric,
    baseline: formatValue(component.baseline, component.unit),
    candidate: formatValue(component.candidate, component.unit),
    change: change(component, component.estimate),
    limit: change(component, component.limit),
    margin: marginOf(component)
  }))
}

/** Of figures that the mesh decides, the sentence on the simulated seeds says the result. */
function resultOf({ metric, verdict, isBetter }: ComponentResult, areDecided: boolean): string {
  if (verdict === 'holds' && isBetter) return 'better'
  return verdict === 'not judged' && areDecided && DECIDED_BY_SEEDS.has(metric) ? 'by seeds' : verdict
}

const pOf = ({ worseP }: CriterionResult): string => (worseP >= 1 ? '> 0.05' : significantP(worseP))

export const shown = (name: string): string => (name === 'cpu' ? 'CPU' : name)

const lostOf = ({ attempts, valid }: AttemptCounts): string => `${attempts - valid} of ${attempts}`

export function change(
  { scale, unit }: Pick<ComponentResult, 'scale' | 'unit'>,
  effect: ComponentResult['estimate']
): string {
  if (effect === null) return UNKNOWN
  return effect === 'never' ? 'never' : formatChange(scale, unit as MetricUnit, effect)
}

/** "+12.3%", or "0 → 40" where it has no size. */
export function sizeOf(component: ComponentResult): string {
  const { estimate, baseline, candidate, unit } = component
  return estimate === null
    ? `${formatValue(baseline, unit)} → ${formatValue(candidate, unit)}`
    : change(component, estimate)
}

export function marginOf({ scale, unit, margin }: ComponentResult): string {
  return formatMargin(scale, unit as MetricUnit, margin)
}

function formatValue(value: ComponentResult['baseline'], unit: string): string {
  return value === 'never' ? NOT_REACHED : formatMetric(value, unit as MetricUnit)
}

export function signedPoints(share: number | null | undefined): string {
  return share == null ? UNKNOWN : formatChange('difference', 'ratio', share)
}

const percent = (share: number) => formatMargin('ratio', 'ratio', share)

export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`
}
