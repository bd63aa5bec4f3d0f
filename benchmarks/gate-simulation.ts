/**
 * Tables about the release gate in docs/statistics.md: how often it is right, and how many blocks it takes.
 */
import {
  EQUAL,
  simulateFixed,
  simulateGates,
  simulateSequential,
  type World
} from '../analysis/gate/simulation'
import { seededRandom } from '../analysis/statistics/random'

type Table = (title: string, columns: string[], fill: (row: (...cells: string[]) => void) => void) => void

const MAX_BLOCKS = 24
/** Up to 24 blocks, and up to 36 if those leave it undecided. */
const RESUMED = [MAX_BLOCKS, 36]
const HARSH: World = { ...EQUAL, noise: 'heavy-tailed', drift: 0.15, bursts: 0.1, losses: 0.02 }

const WORLDS: [string, World][] = [
  ['normal', EQUAL],
  ['harsh: heavy tails, drift 15 %, bursts of two blocks, 2 % of runs lost', HARSH],
  ['harsh, one after the other', { ...HARSH, isSerial: true }]
]

/** False alarms for equal builds. */
export function printGateFalseAlarms(table: Table, trials: number): void {
  const columns = ['noise', 'design', 'pass', 'worse (false alarm)', 'undecided', 'blocks (mean)']
  table('The gate: false alarms', columns, (row) => {
    for (const [name, world] of WORLDS) {
      for (const [design, simulate] of DESIGNS) {
        const random = seededRandom(1)
        const rates = simulateGates(trials, () => simulate(world, random))
        const shares = [rates.pass, rates.worse, rates.undecided].map(percent)
        row(name, design, ...shares, rates.blocks.toFixed(1))
      }
    }
  })
}

const DESIGNS: [
  string,
  (world: World, random: ReturnType<typeof seededRandom>) => ReturnType<typeof simulateFixed>
][] = [
  ['fixed, 8 blocks', (world, random) => simulateFixed(world, 8, random)],
  [`sequential, up to ${MAX_BLOCKS}`, (world, random) => simulateSequential(world, [MAX_BLOCKS], random)]
]

const CHANGES: [string, World['change']][] = [
  ['none', {}],
  ['latency +5 %', latency(1.05)],
  ['latency +10 %, the margin', latency(1.1)],
  ['latency +15 %', latency(1.15)],
  ['CPU +5 %, the margin', { 'machine.cpuMsPerDelivered': 1.05 }],
  ['CPU +8 %', { 'machine.cpuMsPerDelivered': 1.08 }],
  ['packets +2 %', { 'wire.packetsPerMessage': 1.02, 'bytes per message': 1.02 }],
  ['delivery −1 point', { 'delivery.position': -0.01 }],
  ['half of the runs lost', { losses: 0.5 }]
]

function latency(ratio: number): World['change'] {
  return { 'latencyOwed.position.p95': ratio, 'latencyOwed.position.p99': ratio }
}

/** How often a true change gets each verdict. */
export function printGatePower(table: Table, trials: number): void {
  const columns = ['true change', 'pass', 'worse', 'undecided', 'blocks (mean)']
  table(`The gate, sequential up to ${MAX_BLOCKS} blocks: power`, columns, (row) => {
    for (const [name, change] of CHANGES) {
      const random = seededRandom(2)
      const rates = simulateGates(trials, () =>
        simulateSequential({ ...EQUAL, change }, [MAX_BLOCKS], random)
      )
      row(name, ...[rates.pass, rates.worse, rates.undecided].map(percent), rates.blocks.toFixed(1))
    }
  })
}

/** What the verdict promises, also for noisy machines and comparisons that are resumed with more blocks. */
const PROMISES: { name: string; world: Partial<World>; stages?: number[] }[] = [
  { name: 'equal', world: {} },
  { name: 'equal, twice the spread', world: { scatter: 2 } },
  { name: 'equal, twice the spread, resumed', world: { scatter: 2 }, stages: RESUMED },
  { name: 'CPU +3 %', world: { change: cpu(1.03) } },
  { name: 'CPU +10 %', world: { change: cpu(1.1) } },
  { name: 'CPU +5 %, the margin', world: { change: cpu(1.05) } },
  { name: 'CPU +5 %, resumed', world: { change: cpu(1.05) }, stages: RESUMED },
  { name: 'CPU +5 %, twice the spread, resumed', world: { change: cpu(1.05), scatter: 2 }, stages: RESUMED },
  { name: 'latency p95 +10 %, the margin', world: { change: { 'latencyOwed.position.p95': 1.1 } } },
  {
    name: 'latency p95 +10 %, resumed',
    world: { change: { 'latencyOwed.position.p95': 1.1 } },
    stages: RESUMED
  }
]

/** How often each promise is kept. Figures are shares of the comparisons. */
export function printGatePromises(table: Table, trials: number): void {
  const columns = ['truth', 'pass', 'worse', 'undecided', 'blocks (mean)']
  table(`The gate, up to ${MAX_BLOCKS} blocks, resumed up to ${RESUMED.at(-1)!}`, columns, (row) => {
    for (const { name, world, stages = [MAX_BLOCKS] } of PROMISES) {
      const random = seededRandom(5)
      const rates = simulateGates(trials, () => simulateSequential({ ...EQUAL, ...world }, stages, random))
      row(name, ...[rates.pass, rates.worse, rates.undecided].map(percent), rates.blocks.toFixed(1))
    }
  })
}

function cpu(ratio: number): World['change'] {
  return { 'machine.cpuMsPerDelivered': ratio }
}

/** Cases for both verdicts. Between no change and the margin, neither verdict is the right one. */
const SAVING: { name: string; change: World['change']; wanted: 'pass' | 'worse' }[] = [
  { name: 'no change', change: {}, wanted: 'pass' },
  { name: 'latency +2.5 %', change: latency(1.025), wanted: 'pass' },
  { name: 'latency +12 %', change: latency(1.12), wanted: 'worse' },
  { name: 'latency +15 %', change: latency(1.15), wanted: 'worse' },
  { name: 'CPU +6 %', change: { 'machine.cpuMsPerDelivered': 1.06 }, wanted: 'worse' },
  { name: 'CPU +8 %', change: { 'machine.cpuMsPerDelivered': 1.08 }, wanted: 'worse' }
]

/**
 * Blocks that both designs need at equal power, to pass builds that are no worse and to report worse ones.
 */
export function printGateSaving(table: Table, trials: number): void {
  const columns = [
    'noise',
    'true change',
    'verdict',
    'sequential: power',
    'blocks (mean)',
    'fixed: power with 8 blocks',
    'blocks for equal power',
    'saved'
  ]
  table('The gate: blocks at equal power', columns, (row) => {
    for (const [noise, world] of WORLDS) {
      for (const { name, change, wanted } of SAVING) {
        const changed = { ...world, change }
        const random = seededRandom(3)
        const rates = simulateGates(trials, () => simulateSequential(changed, [MAX_BLOCKS], random))
        const power = fixedPower(changed, wanted, trials)
        const blocks = fewestBlocks((count) => power(count) >= rates[wanted] - TOLERANCE)
        row(
          noise,
          name,
          wanted,
          percent(rates[wanted]),
          rates.blocks.toFixed(1),
          percent(power(FEWEST)),
          blocks === undefined ? `> ${MOST}` : String(blocks),
          `${blocks === undefined ? '> ' : ''}${percent(1 - rates.blocks / (blocks ?? MOST))}`
        )
      }
    }
  })
}

/** Two powers this close count as equal: half a percentage point, in favour of the fixed design. */
const TOLERANCE = 0.005
const FEWEST = 8
const MOST = 2 * MAX_BLOCKS

function fixedPower(world: World, wanted: 'pass' | 'worse', trials: number): (blocks: number) => number {
  return (blocks) => {
    const random = seededRandom(4)
    return simulateGates(trials, () => simulateFixed(world, blocks, random))[wanted]
  }
}

/**
 * Searches upwards from the default; undefined if even twice the sequential design's maximum is not enough.
 */
function fewestBlocks(isEnough: (blocks: number) => boolean): number | undefined {
  for (let blocks = FEWEST; blocks <= MOST; blocks += blocks < MAX_BLOCKS ? 1 : 4)
    if (isEnough(blocks)) return blocks
  return undefined
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`
}
