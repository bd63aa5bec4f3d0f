/** Simulates comparisons with a known truth and lets the real gate judge them. For tests and benchmarks. */
import type { Run } from '../comparison/run'
import { noiseShapes } from '../statistics/simulation'
import type { Random } from '../statistics/random'
import type { Summary } from '../../protocol/summary'
import { parseGate, type Criterion } from './criteria'
import { judgeGate, type Gate, type GateRequest } from './gate'
import { isHopeless, lookSchedule } from './looks'

/** The simulated metrics of a run, by name. */
type Values = Record<string, number>

export interface World {
  noise: keyof typeof noiseShapes
  /** Timed metrics rise by this share over the series. */
  drift: number
  /** Probability that a burst of load begins in a block. A burst lasts two blocks. */
  bursts: number
  /** Probability that a run is lost, independent of all others. */
  losses: number
  /** The runs of a block follow each other instead of running at the same time. */
  isSerial: boolean
  /** The candidate's true change: ratios, or the difference in delivery. */
  change: Values
}

export const EQUAL: World = {
  noise: 'normal',
  drift: 0,
  bursts: 0,
  losses: 0,
  isSerial: false,
  change: {}
}

/**
 * Standard deviations, on the logarithm, between runs with the same seed, as measured side by side
 * (docs/comparing.md).
 */
const SPREADS: Values = {
  'latency.position.p95': 0.045,
  'latency.position.p99': 0.12,
  'machine.cpuMsPerDelivered': 0.029
}
const BLOCK_SPREAD = 0.1

/** The standard gate over simulated metrics. */
function simulatedGate(): Criterion[] {
  return parseGate('').map((criterion) => ({
    ...criterion,
    components: criterion.components.map((component, index) => {
      const name = SIMULATED[criterion.name]![index]!
      return { ...component, valueOf: (summary: Summary) => (summary as unknown as Values)[name]! }
    })
  }))
}

const SIMULATED: Record<string, string[]> = {
  stability: [],
  delivery: ['delivery.all'],
  latency: ['latency.position.p95', 'latency.position.p99'],
  traffic: ['packets', 'bytes'],
  cpu: ['machine.cpuMsPerDelivered']
}

/** Generates the blocks of one comparison. A lost run makes the block repeat. */
export function* simulateBlocks(world: World, maxBlocks: number, random: Random): Generator<Run[]> {
  let burst = 0
  for (let block = 0; block < maxBlocks; block++) {
    if (burst > 0) burst--
    else if (random.uniform() < world.bursts) burst = 2
    const runs: Run[] = []
    for (let attempt = 1; attempt <= 3; attempt++) {
      const pair = simulatePair(world, block, attempt, maxBlocks, burst > 0, random)
      runs.push(...pair)
      if (pair.every(({ summary }) => summary!.verdict === 'valid')) break
    }
    yield runs
  }
}

function simulatePair(
  world: World,
  block: number,
  attempt: number,
  maxBlocks: number,
  isBurst: boolean,
  random: Random
): Run[] {
  const shared = BLOCK_SPREAD * random.normal()
  // Balanced over two blocks: the second runs in the reverse order of the first.
  const first = block % 2
  return [0, 1].map((variant) => {
    const place = world.isSerial ? Number(variant !== first) : 0
    const time = (2 * block + place) / (2 * maxBlocks)
    // A burst hits each run slightly differently; if runs follow each other, it may hit only one of them.
    const isHit = isBurst && (!world.isSerial || random.uniform() < 0.75)
    const load = isHit ? 0.25 * (1 + 0.3 * random.normal()) : 0
    const change = (name: string) => (variant === 1 ? (world.change[name] ?? 1) : 1)
    const timed = (name: string) =>
      Math.exp(shared + SPREADS[name]! * noiseShapes[world.noise](random) + load) *
      (1 + world.drift * time) *
      change(name)
    // Counts are tied in most blocks.
    const odd = random.uniform() < 0.2 ? 1.001 : 1
    const values: Values = {
      ...Object.fromEntries(Object.keys(SPREADS).map((name) => [name, timed(name)])),
      packets: 3 * odd * change('packets'),
      bytes: 400 * odd * change('packets'),
      'delivery.all':
        1 - (random.uniform() < 0.2 ? 0.001 : 0) + (variant === 1 ? (world.change['delivery.all'] ?? 0) : 0)
    }
    const isLost = random.uniform() < world.losses + (variant === 1 ? (world.change.losses ?? 0) : 0)
    const reasons = isLost ? [{ rule: 'split-mesh', cause: 'build-or-machine' }] : []
    const summary = { ...values, verdict: isLost ? 'void' : 'valid', reasons } as unknown as Summary
    return { testId: `${block}-${variant}-${attempt}`, variant, block, attempt, summary, failures: [] }
  })
}

export interface Simulated {
  verdict: Gate['verdict']
  blocks: number
  worse: string[]
}

/** A comparison with a fixed number of blocks. */
export function simulateFixed(world: World, blocks: number, random: Random): Simulated {
  const runs = [...simulateBlocks(world, blocks, random)].flat()
  return outcome(judgeGate({ criteria: simulatedGate(), runs, design: 'paired' }), blocks)
}

/** A comparison that checks after each block, and ends when the gate is decided or hopeless. */
export function simulateSequential(world: World, maxBlocks: number, random: Random): Simulated {
  const looks = lookSchedule(maxBlocks)
  const runs: Run[] = []
  let done = 0
  for (const block of simulateBlocks(world, maxBlocks, random)) {
    runs.push(...block)
    done++
    if (!looks.some(({ blocks }) => blocks === done)) continue
    const request: GateRequest = {
      criteria: simulatedGate(),
      runs,
      design: 'paired',
      looks: looks.filter(({ blocks }) => blocks <= done),
      maxBlocks
    }
    const gate = judgeGate(request)
    if (gate.verdict !== 'undecided' || done === maxBlocks || isHopeless(request, maxBlocks))
      return outcome(gate, done)
  }
  throw new RangeError('At least 1 block')
}

function outcome(gate: Gate, blocks: number): Simulated {
  const worse = gate.criteria.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name)
  return { verdict: gate.verdict, blocks, worse }
}

export interface GateRates {
  pass: number
  worse: number
  undecided: number
  /** Mean number of blocks. */
  blocks: number
}

export function simulateGates(trials: number, one: () => Simulated): GateRates {
  const outcomes = Array.from({ length: trials }, one)
  const share = (verdict: Gate['verdict']) =>
    outcomes.filter((each) => each.verdict === verdict).length / trials
  return {
    pass: share('pass'),
    worse: share('worse'),
    undecided: share('undecided'),
    blocks: outcomes.reduce((sum, { blocks }) => sum + blocks, 0) / trials
  }
}
