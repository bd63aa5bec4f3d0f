/**
 * The verdict alone: runs of two versions of anything, made in blocks, in; pass, worse or undecided, out. No
 * dependency, nothing of Node: it runs in a browser as well. The statistics are the gate's
 * (docs/statistics.md).
 */
import type { Run } from './comparison/run'
import { STABILITY_MARGIN, type Component, type Criterion } from './gate/criteria'
import { judgeGate, type GateRequest } from './gate/gate'
import type { Gate } from './gate/result'
import { gateHeadline } from './gate/headline'
import { isHopeless, lookSchedule } from './gate/looks'
import type { BlockLook } from './gate/measured'
import { groupBy } from '../protocol/group-by'
import type { MetricUnit } from './metrics-catalog'

export interface VerdictMetric {
  name: string
  better: 'lower' | 'higher'
  /** The largest change for the worse that does not matter: 0.05 is 5%; of a difference, in its unit. */
  margin: number
  /** `ratio` (the default) for what is above 0, such as latency or bytes; `difference` for all else. */
  scale?: 'ratio' | 'difference'
  unit?: string
  /** Metrics of one criterion are judged together. By default, each is a criterion of its own. */
  criterion?: string
}

/**
 * One run: a number for each metric, null where it is unknown, `never` where it was not reached (if lower is
 * better). Or why there are none: `lost`, perhaps because of the version, or `machine`, certainly not because
 * of it.
 */
export type VerdictRun =
  { values: Readonly<Record<string, number | 'never' | null>> } | { lost: string } | { machine: string }

export interface VerdictRequest {
  metrics: readonly VerdictMetric[]
  /**
   * At most 1000, in the order in which they were made. The two runs of a block share their conditions and
   * their seed.
   */
  blocks: readonly { baseline: VerdictRun; candidate: VerdictRun }[]
  /**
   * If you ask after each block whether to go on: the most blocks that you will run. All these looks together
   * raise a false alarm in at most 5% of comparisons. Without it, ask once, after a number of
   * blocks that you chose before.
   */
  maxBlocks?: number
}

export interface MetricVerdict {
  name: string
  verdict: 'holds' | 'worse' | 'undecided' | 'not judged'
  /** Shown to be better than the baseline. */
  isBetter: boolean
  /** Medians. */
  baseline: number | 'never' | null
  candidate: number | 'never' | null
  /** Candidate ÷ baseline, or candidate − baseline. */
  estimate: number | 'never' | null
  /** The worst change that the runs still allow, with 95% confidence; null with too few runs. */
  limit: number | 'never' | null
  /** Number of blocks that have it. */
  count: number
}

export interface Verdict {
  /**
   * `pass`: every criterion is shown to be worse by less than its margin, if at all, and at least one of the
   * metrics was judged. `worse`: one is worse, beyond its margin, and not by chance. `undecided`: all else.
   */
  verdict: 'pass' | 'worse' | 'undecided'
  /** In one line: what decided, and what got better. */
  headline: string
  exitCode: 0 | 2 | 4
  /** Whether more blocks, up to `maxBlocks`, would hardly change it. */
  isFinal: boolean
  /** The first is `stability`: the candidate does not lose more runs. */
  criteria: readonly {
    name: string
    verdict: MetricVerdict['verdict']
    /** One-sided, adjusted for all criteria; 1: not shown to be worse. */
    worseP: number
    /** Why it is undecided. */
    remark: string | null
    metrics: readonly MetricVerdict[]
  }[]
}

/** Throws RangeError with one line that names what is wrong with the request. */
export function verdictOf(request: VerdictRequest): Verdict {
  check(request)
  const { metrics, blocks, maxBlocks } = request
  const runs = blocks.flatMap(({ baseline, candidate }, block) =>
    [baseline, candidate].map((run, variant) => runOf(run, block, variant))
  )
  const due = (look: BlockLook) => look.blocks <= blocks.length
  const looks = maxBlocks === undefined ? undefined : lookSchedule([maxBlocks]).filter(due)
  const asked: GateRequest = { criteria: criteriaOf(metrics), runs, design: 'paired', looks, maxBlocks }
  const gate = refuseEmptyPass(judgeGate(asked))
  // Stability alone says nothing of what was asked, but it can be worse.
  const [stability, ...others] = asked.criteria
  const decisive = { ...asked, criteria: [{ ...stability!, onlyWorse: true }, ...others] }
  const isLast = maxBlocks === undefined || blocks.length >= maxBlocks
  return {
    verdict: gate.verdict,
    headline: gateHeadline(gate),
    exitCode: { pass: 0, worse: 2, undecided: 4 }[gate.verdict] as Verdict['exitCode'],
    isFinal: isLast || gate.isFirm || (looks!.length > 0 && isHopeless(decisive, maxBlocks)),
    criteria: gate.criteria.map(({ name, verdict, worseP, remark, components }) => ({
      ...{ name, verdict, worseP, remark },
      metrics: components.map(
        ({ metric, verdict: own, isBetter, baseline, candidate, estimate, limit, count }) => ({
          ...{ name: metric, verdict: own, isBetter, baseline, candidate, estimate, limit, count }
        })
      )
    }))
  }
}

/** Stability is judged in any case: alone, it says nothing of what was asked. */
function refuseEmptyPass(gate: Gate): Gate {
  const isEmpty = gate.criteria.slice(1).every(({ verdict }) => verdict === 'not judged')
  return gate.verdict === 'pass' && isEmpty ? { ...gate, verdict: 'undecided', isFirm: false } : gate
}

function criteriaOf(metrics: readonly VerdictMetric[]): Criterion[] {
  const stability = { name: 'stability', asks: 'does not lose more runs', margin: STABILITY_MARGIN }
  const others = [...groupBy(metrics, ({ criterion, name }) => criterion ?? name)].map(([name, own]) => {
    const components = own.map(componentOf)
    return { name, asks: `is no worse at ${name}`, margin: own[0]!.margin, components }
  })
  return [{ ...stability, components: [] }, ...others]
}

function componentOf({ name, better, margin, scale = 'ratio', unit = 'count' }: VerdictMetric): Component {
  return {
    metric: { name, direction: `${better} is better`, scale, margin },
    unit: unit as MetricUnit,
    isTimed: false,
    valueOf: (summary) => {
      const { values } = summary as unknown as { values: Values }
      const value = Object.hasOwn(values, name) ? values[name] : null
      return value === 'never' ? Infinity : (value ?? null)
    }
  }
}

type Values = Readonly<Record<string, number | 'never' | null>>

/** A run as JSON may have it: with null for what it lacks. */
type GivenRun = Partial<Record<'values' | 'lost' | 'machine', unknown>>

/** The gate reads of a summary only what is here. */
function runOf({ values, lost, machine }: GivenRun, block: number, variant: number): Run {
  const place = { testId: `${block}`, block, variant, attempt: 1 }
  if (typeof lost === 'string') return { ...place, summary: null, failures: [lost] }
  const summary =
    typeof machine === 'string'
      ? { verdict: 'void', reasons: [{ rule: machine, cause: 'machine' }], values: {} }
      : { verdict: 'valid', reasons: [], values }
  const rest = { errors: { first: [] }, provenance: { edges: [] } }
  return { ...place, summary: { ...summary, ...rest } as unknown as Run['summary'], failures: [] }
}

/** The time rises with the cube: ten times as many would take hours. */
const MOST_BLOCKS = 1000

/** The request may be JSON from anywhere. */
function check(request: VerdictRequest): void {
  const { metrics, blocks, maxBlocks } = Object(request) as VerdictRequest
  const refuse = (line: string): never => {
    throw new RangeError(line)
  }
  if (!Array.isArray(metrics) || metrics.length === 0) refuse('"metrics" must be a list of one or more')
  if (!Array.isArray(blocks)) refuse('"blocks" must be a list')
  if (maxBlocks !== undefined && !(Number.isInteger(maxBlocks) && maxBlocks >= 1 && maxBlocks <= MOST_BLOCKS))
    refuse(`"maxBlocks" must be a whole number of 1 to ${MOST_BLOCKS}`)
  if (blocks.length > (maxBlocks ?? MOST_BLOCKS))
    refuse(
      `"blocks" has more than ${maxBlocks === undefined ? MOST_BLOCKS : `the ${maxBlocks} of "maxBlocks"`}`
    )
  const known = new Map<string, VerdictMetric>()
  for (const metric of metrics) {
    const { name, better, margin, scale = 'ratio', criterion = name } = Object(metric) as VerdictMetric
    if (typeof name !== 'string' || name === '' || name === 'stability' || known.has(name))
      refuse(`"metrics": the name ${JSON.stringify(name)} is missing, reserved, or given twice`)
    if (typeof criterion !== 'string' || criterion === '' || criterion === 'stability')
      refuse(`${name}: "criterion" must be a name, and not stability`)
    if (!['lower', 'higher'].includes(better)) refuse(`${name}: "better" must be lower or higher`)
    if (!['ratio', 'difference'].includes(scale)) refuse(`${name}: "scale" must be ratio or difference`)
    if (!(typeof margin === 'number' && margin > 0 && margin < Infinity))
      refuse(`${name}: "margin" must be a number above 0, such as 0.05 for 5%`)
    known.set(name, metric as VerdictMetric)
  }
  for (const [index, block] of blocks.entries())
    for (const side of ['baseline', 'candidate']) {
      const where = `block ${index + 1}, ${side}`
      const run = (block as Partial<Record<string, GivenRun>> | null)?.[side]
      if (typeof run?.lost === 'string' || typeof run?.machine === 'string') continue
      if (typeof run?.values !== 'object' || run.values === null)
        refuse(`${where}: it needs "values", or why there are none as "lost" or "machine"`)
      for (const [name, value] of Object.entries(run!.values as object)) {
        const { scale = 'ratio', better } =
          known.get(name) ?? refuse(`${where}: "${name}" is not one of the metrics`)
        const isKnown = value === null || value === 'never' || Number.isFinite(value)
        if (!isKnown) refuse(`${where}: ${name} must be a finite number, "never" or null`)
        if (value === 'never' && better === 'higher')
          refuse(`${where}: ${name} is never: only where lower is better is that the worst`)
        if (scale === 'ratio' && (value as number) < 0)
          refuse(`${where}: ${name} is below 0: give the metric the scale "difference"`)
      }
    }
}
