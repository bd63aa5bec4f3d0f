/** Simulates comparisons with a known truth and lets the real gate judge them. */
import type { Run } from '../comparison/run'
import { noiseShapes } from './monte-carlo-series'
import type { Random } from '../statistics/random'
import type { Summary } from '../../protocol/summary'
import { sum } from '../distribution'
import { parseGate, type Criterion } from '../gate/criteria'
import { judgeGate, SHARE_OF_BLOCKS, type GateRequest } from '../gate/gate'
import type { Gate } from '../gate/result'
import { isHopeless, lookSchedule } from '../gate/looks'

type Values = Record<string, number>

export interface World {
  noise: keyof typeof noiseShapes
  /** Multiplies the measured spreads. */
  scatter: number
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
  scatter: 1,
  drift: 0,
  bursts: 0,
  losses: 0,
  isSerial: false,
  change: {}
}

/**
 * Standard deviations, on the logarithm, between runs with the same seed, as measured side by side
 * (docs/comparing.md). Those of profiles and chats follow from the p95 of positions: 10 and 100 times fewer
 * messages, so 3 and 10 times the spread, of which half is shared.
 */
const SPREADS: Values = {
  'latencyOwed.position.p95': 0.045,
  'latencyOwed.position.p99': 0.12,
  'latencyOwed.profile.p50': 0.03,
  'latencyOwed.profile.p95': 0.07,
  'latencyOwed.chat.p50': 0.08,
  'latencyOwed.chat.p95': 0.2,
  'connection.first.p95': 0.036,
  'connection.fourth.p95': 0.036,
  'machine.cpuMsPerDelivered': 0.029
}
const BLOCK_SPREAD = 0.1

/** What counted metrics are without a change. */
const COUNTS: Values = {
  'delivery.position': 1,
  'delivery.profile': 1,
  'delivery.chat': 1,
  'duplicateRatio.all': 0.67,
  'duplicateRatio.chat': 0,
  'wire.packetsPerMessage': 3,
  'bytes per message': 400,
  'lighthouse.messages': 1,
  'lighthouse.bytes': 300,
  'lighthouse.requests': 0,
  'errors.uncaught': 0
}

export function simulatedGate(gate: string): Criterion[] {
  return parseGate(gate).map((criterion) => ({
    ...criterion,
    components: criterion.components.map((component) => ({
      ...component,
      valueOf: (summary: Summary) => (summary as unknown as Values)[component.metric.name]!
    }))
  }))
}

/** Generates the blocks of one comparison. A lost run makes the block repeat. */
function* simulateBlocks(world: World, maxBlocks: number, random: Random): Generator<Run[]> {
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
  const noise = world.noise
  // Balanced over two blocks: the second runs in the reverse order of the first.
  const first = block % 2
  return [0, 1].map((variant) => {
    const place = world.isSerial ? Number(variant !== first) : 0
    const time = (2 * block + place) / (2 * maxBlocks)
    // A burst hits each run slightly differently; if runs follow each other, it may hit only one of them.
    const isHit = isBurst && (!world.isSerial || random.uniform() < 0.75)
    const load = isHit ? 0.25 * (1 + 0.3 * random.normal()) : 0
    const change = (name: string) => (variant === 1 ? (world.change[name] ?? 1) : 1)
    const own = noiseShapes[noise](random)
    const timed = (name: string) => {
      // What a run's figures of latency have in common, and what each has for itself.
      const deviation = name.startsWith('latency')
        ? Math.SQRT1_2 * (own + noiseShapes[noise](random))
        : noiseShapes[noise](random)
      return (
        Math.exp(shared + world.scatter * SPREADS[name]! * deviation + load) *
        (1 + world.drift * time) *
        change(name)
      )
    }
    // Counts are tied in most blocks.
    const odd = random.uniform() < 0.2 ? 1.001 : 1
    const counted = (name: string) =>
      COUNTS[name]! * (name.startsWith('wire') || name.startsWith('bytes') ? odd : 1) * change(name)
    const values: Values = {
      ...Object.fromEntries(Object.keys(SPREADS).map((name) => [name, timed(name)])),
      ...Object.fromEntries(Object.keys(COUNTS).map((name) => [name, counted(name)])),
      'delivery.position':
        1 -
        (random.uniform() < 0.2 ? 0.001 : 0) +
        (variant === 1 ? (world.change['delivery.position'] ?? 0) : 0)
    }
    const isLost = random.uniform() < world.losses + (variant === 1 ? (world.change.losses ?? 0) : 0)
    const reasons = isLost ? [{ rule: 'split-mesh', cause: 'build-or-machine' }] : []
    const verdict = isLost ? 'void' : 'valid'
    const summary = { ...values, verdict, reasons, errors: {}, provenance: {} } as unknown as Summary
    return { testId: `${block}-${variant}-${attempt}`, variant, block, attempt, summary, failures: [] }
  })
}

/**
 * A comparison that checks after each block, and ends when the gate is decided or hopeless. With several
 * stages it is resumed with more blocks, as long as it is undecided.
 */
export function simulateSequential(
  world: World,
  stages: readonly number[],
  random: Random,
  criteria = STANDARD
) {
  const most = stages.at(-1)!
  const looks = lookSchedule(stages)
  const runs: Run[] = []
  let [done, stage] = [0, 0]
  for (const block of simulateBlocks(world, most, random)) {
    runs.push(...block)
    done++
    if (!looks.some(({ blocks }) => blocks === done)) continue
    const request: GateRequest = {
      criteria,
      runs,
      design: 'paired',
      looks: looks.filter(({ blocks }) => blocks <= done),
      maxBlocks: most,
      share: SHARE_OF_BLOCKS,
      isBrief: true
    }
    const { verdict, isFirm } = judgeGate(request)
    const outcome = { verdict, blocks: done }
    if (verdict !== 'undecided' && isFirm) return outcome
    if (done < stages[stage]! && !isHopeless(request, stages[stage]!)) continue
    if (verdict !== 'undecided' || ++stage === stages.length) return outcome
  }
  throw new RangeError('At least 1 block')
}

const STANDARD = simulatedGate('')

export function simulateGates(trials: number, one: () => ReturnType<typeof simulateSequential>) {
  const outcomes = Array.from({ length: trials }, one)
  const share = (verdict: Gate['verdict']) =>
    outcomes.filter((each) => each.verdict === verdict).length / trials
  return {
    pass: share('pass'),
    worse: share('worse'),
    undecided: share('undecided'),
    /** Mean number of blocks. */
    blocks: sum(outcomes.map(({ blocks }) => blocks)) / trials
  }
}
