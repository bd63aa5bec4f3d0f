/** Simulates runs of a known truth, to see how often comparisons are right. */
import { compareRuns, type MetricComparison } from '../statistics/compare'
import type { Metric } from '../statistics/metric'
import { permutationTest } from '../statistics/permutation'
import type { Random } from '../statistics/random'
import { ALPHA } from '../statistics/shift'
import type { Verdict } from '../statistics/verdict'

/** Distribution of a run's deviation on the logarithm. All have mean 0 and standard deviation 1. */
export const noiseShapes = {
  normal: (random: Random) => random.normal(),
  /** Exponential: skewness 2, like latencies. */
  skewed: (random: Random) => -Math.log(random.uniform()) - 1,
  /** Student's t with 3 degrees of freedom: an occasional run is far out. */
  'heavy-tailed': (random: Random) => {
    const chiSquared = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2
    return random.normal() / Math.sqrt(chiSquared)
  }
}

export interface Series {
  blocks: number
  /** Standard deviation of the logarithm from run to run: 0.08 is 8%. */
  spread: number
  /** True ratio candidate ÷ baseline. */
  change: number
  noise: keyof typeof noiseShapes
  /** The candidate's spread as a multiple of the baseline's. */
  candidateSpread: number
  /** Steady rise over the whole series: the last run is this much above the first. */
  drift: number
  order: 'alternating' | 'baseline first in each block' | 'all baseline runs first'
  /** Standard deviation of what both runs of a block share (seed, time of day). */
  blockSpread: number
}

export const equalBuilds: Series = {
  blocks: 6,
  spread: 0.08,
  change: 1,
  noise: 'normal',
  candidateSpread: 1,
  drift: 0,
  order: 'alternating',
  blockSpread: 0.1
}

const simulatedMetric: Metric = {
  name: 'latency',
  direction: 'lower is better',
  scale: 'ratio',
  margin: 0.03
}

/** One value per run, in pairs. */
function simulateSeries(series: Series, random: Random): { baseline: number[]; candidate: number[] } {
  const baseline: number[] = []
  const candidate: number[] = []
  const steps = 2 * series.blocks - 1
  for (let block = 0; block < series.blocks; block++) {
    const shared = Math.log(100) + series.blockSpread * random.normal()
    const [baselinePlace, candidatePlace] = places(series, block)
    const run = (place: number, spread: number) =>
      Math.exp(shared + spread * noiseShapes[series.noise](random)) * (1 + (series.drift * place) / steps)
    baseline.push(run(baselinePlace, series.spread))
    candidate.push(run(candidatePlace, series.spread * series.candidateSpread) * series.change)
  }
  return { baseline, candidate }
}

function places({ order, blocks }: Series, block: number): [number, number] {
  if (order === 'all baseline runs first') return [block, blocks + block]
  const swapped = order === 'alternating' && block % 2 === 1
  return swapped ? [2 * block + 1, 2 * block] : [2 * block, 2 * block + 1]
}

type Design = MetricComparison['design']

export function compareSeries(series: Series, random: Random, design: Design = 'paired'): MetricComparison {
  const { baseline, candidate } = simulateSeries(series, random)
  return compareRuns(design, simulatedMetric, baseline, candidate)
}

export function simulateComparisons(series: Series, trials: number, random: Random, design?: Design) {
  const results = Array.from({ length: trials }, () => compareSeries(series, random, design))
  const share = (holds: (result: MetricComparison) => boolean) => results.filter(holds).length / trials
  return {
    /** Share of trials with this verdict. */
    of: (verdict: Verdict) => share((result) => result.verdict === verdict),
    /** False alarms if nothing changed, power if something did. */
    differenceSeen: share(({ verdict }) => verdict === 'better' || verdict === 'worse'),
    /** Share of intervals that contain the true ratio. */
    coverage: share(
      ({ interval }) => interval !== null && interval.low <= series.change && series.change <= interval.high
    )
  }
}

/**
 * Demonstrates the mistake to avoid: the same test, with every peer of every run treated as a separate run.
 * @param peerSpread standard deviation from peer to peer within a run, on the logarithm
 * @returns share of false alarms
 */
export function pooledFalseAlarms(
  series: Series,
  peers: number,
  peerSpread: number,
  trials: number,
  random: Random
): number {
  const peersOf = (runs: number[]) =>
    runs.flatMap((run) => Array.from({ length: peers }, () => Math.log(run) + peerSpread * random.normal()))
  let falseAlarms = 0
  for (let trial = 0; trial < trials; trial++) {
    const { baseline, candidate } = simulateSeries(series, random)
    if (permutationTest(peersOf(baseline), peersOf(candidate)).p < ALPHA) falseAlarms++
  }
  return falseAlarms / trials
}
