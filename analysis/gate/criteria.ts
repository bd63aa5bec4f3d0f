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
 * (docs/comparing.md, docs/statistics.md). Each metric has a least one, often 0: what the counts of a run
 * support. A default run owes 14,000 positions, 1,400 profiles and 140 chats, so one chat that is lost is
 * already 0.7 points, but all chats twice are only 0.9 of all messages. The 99th percentile catches rare
 * stalls, which increase it several times over.
 */
const STANDARD = {
  stability: { margin: STABILITY_MARGIN, asks: 'does not lose more attempts', least: {} },
  delivery: {
    margin: 0.005,
    asks: 'delivers as much of each kind, and as rarely twice',
    least: {
      'delivery.position': 0,
      'delivery.profile': 0.01,
      'delivery.chat': 0.02,
      'duplicateRatio.all': 0.02,
      'duplicateRatio.chat': 0.02
    }
  },
  latency: {
    margin: 0.1,
    asks: 'delivers each kind as soon',
    // From the time at which the routine owed the message: a frozen sender cannot hide its delay.
    least: {
      'latencyOwed.position.p95': 0,
      'latencyOwed.position.p99': 0.5,
      'latencyOwed.profile.p50': 0.2,
      'latencyOwed.profile.p95': 0.3,
      'latencyOwed.chat.p50': 0.5,
      'latencyOwed.chat.p95': 1
    }
  },
  connecting: {
    margin: 0.25,
    asks: 'connects as soon',
    least: { 'connection.first.p95': 0, 'connection.fourth.p95': 0 }
  },
  traffic: {
    margin: 0.005,
    asks: 'needs no more packets or bytes per message, and no more of the Lighthouse',
    least: {
      'wire.packetsPerMessage': 0,
      'bytes per message': 0,
      'lighthouse.messages': 0.1,
      'lighthouse.bytes': 0.1,
      'lighthouse.requests': 0.1
    }
  },
  cpu: {
    margin: 0.05,
    asks: 'needs no more CPU per delivered message',
    least: { 'machine.cpuMsPerDelivered': 0 }
  },
  errors: { margin: 0.5, asks: 'throws no more uncaught errors', least: { 'errors.uncaught': 0 } }
}
/** Compared by difference, because they may well be 0. */
const DIFFERENCES = ['duplicateRatio.all', 'duplicateRatio.chat', 'lighthouse.requests', 'errors.uncaught']

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
    given.set(name!, margin === undefined ? undefined : parseMargin(margin, name === 'errors'))
  }
  const names = [...new Set([...usual, ...given.keys()])]
  if (names.length === 0) throw new RangeError('names no criterion')
  return names.map((name) => criterion(name, given.get(name), timedMargin))
}

export const defaultGate = (): Criterion[] => STANDARD_CRITERIA.map((name) => standard(name))

function standard(name: StandardCriterion, margin = STANDARD[name].margin): Criterion {
  const { asks, least } = STANDARD[name]
  const components = Object.entries<number>(least).map(([path, own]) => {
    const { metric, ...component } = componentOf(path, Math.max(margin, own))
    const scale = DIFFERENCES.includes(path) ? 'difference' : metric.scale
    return { ...component, metric: { ...metric, scale }, noneMore: name === 'errors' }
  })
  return { name, asks, margin, components }
}

function criterion(name: string, given: number | undefined, timedMargin: number | undefined): Criterion {
  if (given !== undefined && given > 1 && /^(stability|delivery)/.test(name))
    throw new RangeError(
      `has the margin ${significant(given * 100)}% for ${name}, of which no more than 100% can be lost`
    )
  if (isStandard(name))
    return standard(name, given ?? (name === 'latency' || name === 'cpu' ? timedMargin : undefined))
  const { entry, margin: usual } = comparedMetric(name)
  if (entry.better === 'neutral') throw new RangeError(`names ${name}, where neither more nor less is worse`)
  const margin = given ?? (isTimed(entry) ? timedMargin : undefined) ?? usual
  if (usual === 0) throw new RangeError(`names ${name}, which is reported and not judged`)
  return { name, margin, asks: `is no worse at ${name}`, components: [componentOf(name, margin)] }
}

const isStandard = (name: string): name is StandardCriterion => Object.hasOwn(STANDARD, name)

function parseMargin(text: string, isCount: boolean): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const margin = Number(digits) / (percent === '%' ? 100 : 1)
  // Whoever writes 5 means 5%, not 500%.
  if (digits === undefined || margin <= 0 || margin > (isCount || percent === '%' ? 10 : 1))
    throw new RangeError(`has the margin "${text}": write a share such as 5% or 0.05`)
  return margin
}

function componentOf(path: string, margin: number): Component {
  if (path === 'bytes per message')
    return {
      metric: { name: path, direction: 'lower is better', scale: 'ratio', margin },
      unit: 'bytes',
      isTimed: false,
      valueOf: ({ wire, received }) => (received.all > 0 ? wire.bytesReceived / received.all : null)
    }
  const { entry, ...metric } = comparedMetric(path)
  return {
    metric: { ...metric, margin },
    unit: entry.unit,
    isTimed: isTimed(entry),
    valueOf: (summary) => comparedValue(summary, path)
  }
}

/** A message that never arrived is not unknown: it counts as infinitely late, and has no copies. */
function comparedValue(summary: Summary, path: string): number | null {
  const [, kind, point] = /^latencyOwed\.(\w+)\.(p50|p95|p99|max)$/.exec(path) ?? []
  if (path === 'duplicateRatio.chat' && summary.delivery.chat === 0) return 0
  if (kind === undefined) return valueAt(summary, path)
  return owedPercentile(summary.latencyOwed[kind as MessageKind | 'all'], point as LatencyPercentile | 'max')
}
