/**
 * `peer-perf bench statistics`: how often the comparison is right, over simulated series with a known truth.
 * Prints the Markdown tables of docs/statistics.md. Seeded: it gives the same figures every time, and a
 * single table (`--only`) is the same as in the full output.
 */
import { Command, Option } from 'commander'
import { table } from '../../analysis/formats/markdown'
import {
  EQUAL,
  simulateGates,
  simulateSequential,
  type World
} from '../../analysis/testing/monte-carlo-gates'
import { detectableShift } from '../../analysis/statistics/detectable'
import { seededRandom } from '../../analysis/statistics/random'
import { whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import {
  equalBuilds,
  pooledFalseAlarms,
  simulateComparisons,
  type Series
} from '../../analysis/testing/monte-carlo-series'

const PARTS = ['metrics', 'gate'] as const

const { trials, gates, only } = flagsOf<{ trials: number; gates: number; only?: (typeof PARTS)[number] }>(
  new Command('npx peer-perf bench statistics')
    .description(
      'Prints how often the comparison is right, over simulated series of runs whose truth is known.'
    )
    .option('--trials <count>', 'simulated comparisons of one metric a row', whole(1, 1e9), 20_000)
    .option('--gates <count>', 'simulated comparisons of the gate a row', whole(1, 1e9), 1_000)
    .addOption(new Option('--only <part>', 'one part; run several at once to use more cores').choices(PARTS))
)

const MAX_BLOCKS = 24
/** Up to 24 blocks, and up to 36 if those leave it undecided. */
const RESUMED = [MAX_BLOCKS, 36]
/** Not used to choose anything about the gate. */
const GATE_SEED = 20_261_128
const HARSH: Partial<World> = { noise: 'heavy-tailed', drift: 0.15, bursts: 0.1, losses: 0.02 }
const simulate = (series: Series) => simulateComparisons(series, trials, seededRandom(1))

if (only !== 'gate') printMetrics()
if (only !== 'metrics') printGate()

function printMetrics(): void {
  printSampleSize(trials, 'comparisons of one metric')
  printFalseAlarms()
  printUnpaired()
  printPower()
  // The difference of two runs with this spread has √2 times the spread.
  printBySpread('Paired: minimum detectable change', [6, 7, 8, 10, 12, 20], (spread, blocks) =>
    Math.expm1(detectableShift([blocks], Math.SQRT2 * spread, { isPlanned: true }) ?? NaN)
  )
  printBySpread('Paired: equal builds found the same', [6, 10, 20], (spread, blocks) =>
    simulate({ ...equalBuilds, spread, blocks }).of('same')
  )
  printPooling()
}

function printSampleSize(count: number, of: string): void {
  console.log(`${count.toLocaleString('en')} simulated ${of} a row.\n`)
}

function printFalseAlarms(): void {
  const scenarios: [string, Partial<Series>][] = [
    ['normal noise, 6 blocks', {}],
    ['normal noise, 10 blocks', { blocks: 10 }],
    ['skewed noise', { noise: 'skewed' }],
    ['heavy-tailed noise', { noise: 'heavy-tailed' }],
    ['a true change of 10%', { change: 1.1 }],
    ['a true change of 10%, heavy-tailed noise', { change: 1.1, noise: 'heavy-tailed' }],
    ['drift of 15%, alternating order', { drift: 0.15 }],
    ['drift of 15%, spread 1%, alternating order', { drift: 0.15, spread: 0.01 }],
    [
      'drift of 15%, spread 1%, baseline first in each block',
      { drift: 0.15, spread: 0.01, order: 'baseline first in each block' }
    ],
    [
      'drift of 15%, spread 1%, all baseline runs first',
      { drift: 0.15, spread: 0.01, order: 'all baseline runs first' }
    ],
    ['candidate scatters twice as much, normal', { candidateSpread: 2 }],
    ['candidate scatters twice as much, skewed, 6 blocks', { candidateSpread: 2, noise: 'skewed' }],
    [
      'candidate scatters twice as much, skewed, 20 blocks',
      { candidateSpread: 2, noise: 'skewed', blocks: 20 }
    ]
  ]
  const rows = scenarios.map(([name, change]) => {
    const { differenceSeen, of, coverage } = simulate({ ...equalBuilds, ...change })
    return [name, ...[differenceSeen, of('same'), coverage].map(percent)]
  })
  const columns = ['series', 'better or worse', 'same', 'interval covers the truth']
  print('Paired: false alarms and coverage', columns, rows)
}

function printUnpaired(): void {
  const unpaired: Series = { ...equalBuilds, blockSpread: 0 }
  const scenarios: [string, Partial<Series>][] = [
    ['6 + 6 runs', {}],
    ['10 + 10 runs', { blocks: 10 }],
    ['6 + 6 runs, skewed', { noise: 'skewed' }],
    ['6 + 6 runs, heavy-tailed', { noise: 'heavy-tailed' }],
    ['6 + 6 runs, candidate scatters twice as much', { candidateSpread: 2 }],
    ['6 + 6 runs, drift of 15%, all baseline runs first', { drift: 0.15, order: 'all baseline runs first' }]
  ]
  const rows = scenarios.map(([name, change]) => {
    const series = { ...unpaired, ...change }
    const { differenceSeen, coverage } = simulateComparisons(series, trials, seededRandom(1), 'unpaired')
    return [name, percent(differenceSeen), percent(coverage)]
  })
  const columns = ['series', 'better or worse', 'interval covers the truth']
  print('Unpaired: false alarms and coverage', columns, rows)
}

function printPower(): void {
  const changes = [1.05, 1.1, 1.2]
  const rows = [0.08, 0.04, 0.02].flatMap((spread) =>
    [6, 8, 10, 12, 20].map((blocks) => {
      const seen = (change: number) => simulate({ ...equalBuilds, spread, blocks, change }).differenceSeen
      return [percent(spread), String(blocks), ...changes.map(seen).map(percent)]
    })
  )
  const columns = ['spread', 'blocks', ...changes.map((change) => `${percent(change - 1)} change`)]
  print('Paired: power', columns, rows)
}

function printBySpread(
  title: string,
  blocks: readonly number[],
  share: (spread: number, blocks: number) => number
): void {
  const spreads = [0.08, 0.04, 0.02, 0.01]
  const rows = blocks.map((count) => [String(count), ...spreads.map((each) => percent(share(each, count)))])
  print(title, ['blocks', ...spreads.map((spread) => `spread ${percent(spread)}`)], rows)
}

function printPooling(): void {
  const series: Series = { ...equalBuilds, blockSpread: 0 }
  const rows = [0.2, 0.08, 0.04].map((peerSpread) => {
    const falseAlarms = pooledFalseAlarms(series, 8, peerSpread, Math.ceil(trials / 10), seededRandom(1))
    return [percent(peerSpread), percent(falseAlarms)]
  })
  print('False alarms when 8 peers a run are pooled', ['peer-to-peer spread', 'better or worse'], rows)
}

/** How often the gate keeps what its words promise. */
function printGate(): void {
  printSampleSize(gates, 'comparisons')
  const cpu = (ratio: number): Partial<World> => ({ change: { 'machine.cpuMsPerDelivered': ratio } })
  const latency = (ratio: number): Partial<World> => ({ change: { 'latencyOwed.position.p95': ratio } })
  const truths: [name: string, world: Partial<World>, stages?: number[]][] = [
    ['equal', {}],
    ['equal, twice the spread', { scatter: 2 }],
    ['equal, harsh', HARSH],
    ['equal, harsh, one after the other', { ...HARSH, isSerial: true }],
    ['CPU +3%', cpu(1.03)],
    ['CPU +10%', cpu(1.1)],
    ['CPU +5%, the margin', cpu(1.05)],
    ['CPU +5%, resumed once', cpu(1.05), RESUMED],
    ['latency p95 +10%, the margin', latency(1.1)],
    ['half of the runs lost', { change: { losses: 0.5 } }]
  ]
  const columns = ['truth', 'pass', 'worse', 'undecided', 'blocks (mean)']
  const rows = truths.map(([name, world, stages = [MAX_BLOCKS]]) => {
    const random = seededRandom(GATE_SEED)
    const rates = simulateGates(gates, () => simulateSequential({ ...EQUAL, ...world }, stages, random))
    return [name, ...[rates.pass, rates.worse, rates.undecided].map(percent), rates.blocks.toFixed(1)]
  })
  print(`The gate, up to ${MAX_BLOCKS} blocks, resumed up to ${RESUMED.at(-1)!}`, columns, rows)
}

function print(title: string, columns: string[], rows: string[][]): void {
  console.log(`### ${title}\n\n${table(columns, rows)}\n`)
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`
}
