/** What the release gate checks: seven criteria, each with its own margins. */
import type { MessageKind } from '../../protocol/names'
import type { Summary } from '../../protocol/summary'
import { comparedMetric, isTimed } from '../comparison/metric-choice'
import { significant } from '../format'
import { owedPercentile, type LatencyPercentile } from '../distribution'
import { findMetric, valueAt, type MetricUnit } from '../metrics-catalog'
import type { Metric } from '../statistics/metric'

export interface Component {
  metric: Metric
  unit: MetricUnit
  /** Timed figures depend on the machine; counted ones repeat exactly for the same seed. */
  isTimed: boolean
  /** These runs can show that it is worse, not that it holds: latency in virtual time has no CPU. */
  onlyWorse?: boolean
  /** Rare events: besides the test, holding takes no more of them in total than the baseline has. */
  noneMore?: boolean
  /** Null if the run does not report it, Infinity for a message that never arrived. */
  valueOf: (summary: Summary) => number | null
}

export interface Criterion {
  name: string
  /** The question, phrased to complete "The candidate …". */
  asks: string
  /** Largest change for the worse that does not matter: a ratio, or a difference of shares. */
  margin: number
  /** Empty for stability, which counts attempts. */
  components: Component[]
  /** These runs are too few to show that it holds: stability of a few large meshes. */
  onlyWorse?: boolean
}

/** What few blocks can show: 8 attempts without a loss exclude 31%. */
export const STABILITY_MARGIN = 1 / 3

/**
 * Margins are the smallest changes for the worse that matter and that equal runs do not hide
 * (docs/comparing.md, docs/statistics.md). Some metrics have a least one: what the counts of a run support. A
 * default run owes 14,000 positions, 1,400 profiles and 140 chats, so one chat that is lost is already 0.7
 * points. The 99th percentile catches rare stalls, which increase it several times over.
 */
const STANDARD = {
  stability: (margin = STABILITY_MARGIN) => ({ margin, asks: 'does not lose more attempts', components: [] }),
  delivery: (margin = 0.005) => ({
    margin,
    asks: 'delivers as much of each kind, and as rarely twice',
    components: [
      known('delivery.position', margin),
      known('delivery.profile', Math.max(margin, 0.01)),
      known('delivery.chat', Math.max(margin, 0.02)),
      difference('duplicateRatio.all', Math.max(margin, 0.02))
    ]
  }),
  latency: (margin = 0.1) => ({
    margin,
    asks: 'delivers each kind as soon',
    components: [
      owedLatency('position', 'p95', margin),
      owedLatency('position', 'p99', Math.max(margin, 0.5)),
      owedLatency('profile', 'p50', Math.max(margin, 0.2)),
      owedLatency('profile', 'p95', Math.max(margin, 0.3)),
      owedLatency('chat', 'p50', Math.max(margin, 0.5)),
      owedLatency('chat', 'p95', Math.max(margin, 1))
    ]
  }),
  connecting: (margin = 0.25) => ({
    margin,
    asks: 'connects as soon',
    components: [known('connection.first.p95', margin), known('connection.fourth.p95', margin)]
  }),
  traffic: (margin = 0.005) => ({
    margin,
    asks: 'needs no more packets or bytes per message, and no more of the Lighthouse',
    components: [
      known('wire.packetsPerMessage', margin),
      bytesPerMessage(margin),
      known('lighthouse.messages', Math.max(margin, 0.1)),
      known('lighthouse.bytes', Math.max(margin, 0.1)),
      difference('lighthouse.requests', Math.max(margin, 0.1))
    ]
  }),
  cpu: (margin = 0.05) => ({
    margin,
    asks: 'needs no more CPU per delivered message',
    components: [known('machine.cpuMsPerDelivered', margin)]
  }),
  errors: (margin = 0.5) => ({
    margin,
    asks: 'throws no more uncaught errors',
    components: [{ ...difference('errors.uncaught', margin), noneMore: true }]
  })
} satisfies Record<string, (margin?: number) => Omit<Criterion, 'name'>>

export type StandardCriterion = keyof typeof STANDARD
export const STANDARD_CRITERIA = Object.keys(STANDARD) as StandardCriterion[]

export const GATE_HELP =
  `other margins, e.g. delivery:0.2%,latency:5%; the others of ${STANDARD_CRITERIA.join(', ')} keep theirs. ` +
  'A metric adds a criterion (connection.first.p95:10%); "only" in front drops what you do not list'

/**
 * Parses "latency:5%,connection.first.p95:10%" or "only,delivery,stability:40%".
 * @param timedMargin margin for latency and CPU if the text does not set one
 * @throws RangeError, with a message that continues "It …"
 */
export function parseGate(text: string, timedMargin?: number): Criterion[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  const isOnly = items[0] === 'only'
  const usual: readonly StandardCriterion[] = isOnly ? [] : STANDARD_CRITERIA
  const given = new Map<string, number | undefined>()
  for (const item of items.slice(Number(isOnly))) {
    const [name, margin, ...rest] = item.split(':')
    if (rest.length > 0) throw new RangeError(`has too many colons in "${item}"`)
    if (given.has(name!)) throw new RangeError(`names ${name} twice`)
    if (!isStandard(name!) && !findMetric(name!))
      throw new RangeError(
        `has an unknown criterion "${name!}": use ${STANDARD_CRITERIA.join(', ')} or a metric of docs/metrics.md`
      )
    given.set(name!, margin === undefined ? undefined : parseMargin(margin))
  }
  const names = [...new Set([...usual, ...given.keys()])]
  if (names.length === 0) throw new RangeError('names no criterion')
  return names.map((name) => criterion(name, given.get(name), timedMargin))
}

export function defaultGate(): Criterion[] {
  return STANDARD_CRITERIA.map((name) => ({ name, ...STANDARD[name]() }))
}

function criterion(name: string, given: number | undefined, timedMargin: number | undefined): Criterion {
  if (given !== undefined && given > 1 && /^(stability|delivery)/.test(name))
    throw new RangeError(
      `has the margin ${significant(given * 100)}% for ${name}, of which no more than 100% can be lost`
    )
  if (isStandard(name)) {
    const ofTimed = name === 'latency' || name === 'cpu' ? timedMargin : undefined
    return { name, ...STANDARD[name](given ?? ofTimed) }
  }
  const { entry, margin: usual } = comparedMetric(name)
  if (entry.better === 'neutral') throw new RangeError(`names ${name}, where neither more nor less is worse`)
  const margin = given ?? (isTimed(entry) ? timedMargin : undefined) ?? usual
  if (usual === 0) throw new RangeError(`names ${name}, which is reported and not judged`)
  return { name, margin, asks: `is no worse at ${name}`, components: [known(name, margin)] }
}

function isStandard(name: string): name is StandardCriterion {
  return Object.hasOwn(STANDARD, name)
}

function parseMargin(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const margin = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits === undefined || margin <= 0 || margin > 10)
    throw new RangeError(`has the margin "${text}": write a share such as 5% or 0.05`)
  return margin
}

function known(path: string, margin: number): Component {
  const { entry, ...metric } = comparedMetric(path)
  return {
    metric: { ...metric, margin },
    unit: entry.unit,
    isTimed: isTimed(entry),
    valueOf: (summary) => comparedValue(summary, path)
  }
}

/** A message that never arrived is not unknown: it counts as infinitely late. */
function comparedValue(summary: Summary, path: string): number | null {
  const [, kind, point] = /^latencyOwed\.(\w+)\.(p50|p95|p99|max)$/.exec(path) ?? []
  if (kind === undefined) return valueAt(summary, path)
  return owedPercentile(summary.latencyOwed[kind as MessageKind | 'all'], point as LatencyPercentile | 'max')
}

/** Compared by difference, because it may well be 0. */
function difference(path: string, margin: number): Component {
  const component = known(path, margin)
  return { ...component, metric: { ...component.metric, scale: 'difference' } }
}

/**
 * From the time at which the routine owed the message, over all messages owed: a frozen sender cannot hide
 * its delay. Older results only have the latencies of first arrivals.
 */
function owedLatency(kind: MessageKind, percentile: LatencyPercentile, margin: number): Component {
  const owed = known(`latencyOwed.${kind}.${percentile}`, margin)
  return {
    ...owed,
    valueOf: (summary) =>
      summary.latencyOwed[kind] === null
        ? (summary.latency[kind]?.[percentile] ?? null)
        : owed.valueOf(summary)
  }
}

function bytesPerMessage(margin: number): Component {
  return {
    metric: { name: 'bytes per message', direction: 'lower is better', scale: 'ratio', margin },
    unit: 'bytes',
    isTimed: false,
    valueOf: ({ wire, received }) => (received.all > 0 ? wire.bytesReceived / received.all : null)
  }
}
