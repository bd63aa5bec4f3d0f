/** One comparison repeated under several networks, and the document behind its page. */
import { COMPARISON_VERSION } from '../../protocol/names'
import { ALPHA } from '../statistics/shift'
import type { Gate, GateVerdict } from '../gate/result'
import { gateHeadline } from '../gate/headline'
import { gateRemarks, gateRows, type GateRow } from '../gate/sentences'
import { NOT_REACHED, UNKNOWN } from '../format'
import type { Part } from '../formats/judged'
import { code, table, text } from '../formats/markdown'
import type { Comparison } from './comparison'
import { remarksOf } from './heading'

/** Bump whenever the meaning of a field changes. */
export const WEATHER_MAP_VERSION = 1

export interface WeatherResult {
  name: string
  network: string
  /** Id of the comparison, which also has a report of its own. */
  id: string
  /** Null if it has not run or its runs could not be compared. */
  gate: Gate | null
  comparison: Comparison | null
  /** Why the gate or the comparison is missing, in one line. */
  trouble: string | null
  /** No run of a build could be used; otherwise only the metric to explore is unknown. */
  isUnmeasured?: boolean
}

export interface WeatherMap {
  version: typeof WEATHER_MAP_VERSION
  id: string
  /** ms since 1970. */
  madeAt: number
  baseline: string
  candidate: string
  plannedBlocks: number
  /** Worse if any weather is worse, pass if all pass. */
  verdict: GateVerdict
  weathers: WeatherResult[]
}

export function worstVerdict(weathers: readonly Pick<WeatherResult, 'gate'>[]): GateVerdict {
  const verdicts = weathers.map(({ gate }) => gate?.verdict)
  if (verdicts.includes('worse')) return 'worse'
  return verdicts.every((verdict) => verdict === 'pass') ? 'pass' : 'undecided'
}

/** The map as the formats take it: a part for each weather. */
export function partsOf({ madeAt, baseline, candidate, weathers }: WeatherMap): Part[] {
  return weathers.map(({ name, network, id, gate, comparison, trouble, isUnmeasured }) => {
    const heading = { title: `${candidate} against ${baseline}`, facts: network, notes: [] }
    const unmeasured = gate && {
      ...{ version: COMPARISON_VERSION, id, madeAt, heading, gate, why: trouble, isUnmeasured },
      ...{ headline: gateHeadline(gate), stopped: null, next: null }
    }
    return { name, judged: comparison ?? unmeasured, trouble }
  })
}

/** A cell for each weather, in order; null where the gate is missing. */
export function weatherRows(weathers: readonly Pick<WeatherResult, 'gate'>[]) {
  const rows = new Map<string, { criterion: string; metric: string; cells: (GateRow | null)[] }>()
  for (const [column, { gate }] of weathers.entries()) {
    for (const cell of gate ? gateRows(gate) : []) {
      const { criterion, metric } = cell
      const key = `${criterion}: ${metric}`
      const row = rows.get(key) ?? { criterion, metric, cells: weathers.map(() => null) }
      row.cells[column] = withNever(cell)
      rows.set(key, row)
    }
  }
  return [...rows.values()]
}

/** A change from or to "never" has no size. */
function withNever(row: GateRow): GateRow {
  const [from, to] = [row.baseline, row.candidate].map((value) => (value === NOT_REACHED ? 'never' : value))
  if (from === 'never' && to === 'never') return { ...row, change: 'never in both', limit: UNKNOWN }
  if (from !== 'never' && to !== 'never') return row
  return { ...row, change: `${from} → ${to}`, limit: from === 'never' ? UNKNOWN : row.limit }
}

export const WEATHER_LEGEND =
  'Each cell: whether the candidate is shown to be worse by less than the margin, the change, and in brackets its limit: the worst change that the runs still allow, with 95% confidence.'

/** How often an unchanged build looks worse somewhere, because each weather's gate spends its own 5%. */
export function chanceSentence(weathers: readonly unknown[]): string {
  if (weathers.length < 2) return 'Each network is judged alone.'
  const share = Math.round(100 * (1 - (1 - ALPHA) ** weathers.length))
  return `Each network is judged alone. An unchanged build is called worse under at least one of ${weathers.length} networks in up to ${share}% of maps, so rerun a network that alone is worse.`
}

export function weatherMarkdown(map: WeatherMap): string {
  const { id, madeAt, baseline, candidate, plannedBlocks, verdict, weathers } = map
  const setting = weathers.find(({ comparison }) => comparison !== null)?.comparison?.setting
  const networks = weathers.flatMap(({ name, network, trouble, comparison, gate }) => [
    `- ${name}: ${code(network)}${trouble === null ? '' : `. ${text(trouble)}`}`,
    ...[
      ...(comparison ? remarksOf(comparison.heading, comparison.stopped) : []),
      ...(gate ? gateRemarks(gate) : [])
    ].map((remark) => `  - ${text(remark)}`)
  ])
  return `${[
    `# Weather map ${id}: ${verdict}`,
    `${new Date(madeAt).toISOString().slice(0, 10)}: ${code(candidate)} against ${code(baseline)}, ${setting ? `${setting.peers} peers, routine ${setting.routine}, ${setting.seconds} s with ${setting.warmup} s of warm-up, ` : ''}up to ${plannedBlocks} blocks for each network.`,
    table(
      ['criterion', ...weathers.map(({ name }) => name)],
      [
        ['**all**', ...weathers.map(({ gate }) => (gate ? `**${text(gateHeadline(gate))}**` : UNKNOWN))],
        ...weatherRows(weathers).map(({ criterion, metric, cells }) => [
          `${criterion}: ${metric}`,
          ...cells.map(cellText)
        ])
      ]
    ),
    WEATHER_LEGEND,
    chanceSentence(weathers),
    networks.join('\n')
  ].join('\n\n')}\n`
}

function cellText(row: GateRow | null): string {
  return row === null ? UNKNOWN : `${row.result} ${row.change} (${row.limit})`.trim()
}
