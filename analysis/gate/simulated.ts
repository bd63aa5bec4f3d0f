/** Judges the simulated runs that precede a comparison's blocks: many short joins, and a mesh of 30 peers. */
import { completeBlocks, type Run } from '../comparison/run'
import { jaccard } from '../comparison/meshes'
import type { Component, Criterion } from './criteria'
import { DECIDED_BY_SEEDS, judgeable, judgePart } from './gate'
import type { BlockLook } from './measured'
import type { SimulatedPart } from './result'

export interface SimulatedSize {
  peers: number
  duration: number
  warmup: number
  /** Copies of unreliable messages are dropped, because they would take minutes at this size. */
  isDeduplicated: boolean
  /** If every criterion holds at the first look, that is all. Differences, and own meshes, get more seeds. */
  looks: readonly BlockLook[]
}

/**
 * Eight peers as in a default comparison, and enough peers for messages that take two relays. In virtual time
 * nothing warms up: a second of messages is enough, although some seeds have no chat in it. Equal builds pass
 * at the first look; those with their own meshes after 210 seeds on average, and 1 in 1,000 stays undecided.
 */
export const SIMULATED_SIZES: readonly SimulatedSize[] = [
  {
    peers: 8,
    duration: 1.1,
    warmup: 0.1,
    isDeduplicated: false,
    looks: looksAfter({ 20: 0.3, 60: 0.4, 120: 0.5, 240: 0.7, 400: 0.85, 600: 1 })
  },
  {
    peers: 30,
    duration: 1.1,
    warmup: 0.1,
    isDeduplicated: true,
    looks: looksAfter({ 5: 0.65, 7: 0.8, 16: 1 })
  }
]

/** Share of the level spent by the numbers of seeds. */
function looksAfter(spentBy: Readonly<Record<number, number>>): BlockLook[] {
  return Object.entries(spentBy).map(([blocks, spent]) => ({ blocks: Number(blocks), spent }))
}

/** Share of the false alarms for each size. Runs in virtual time seldom differ by chance. */
const SHARE_OF_SIZE = 0.05

/** Where each build has its own mesh, traffic differs by 5% a seed: 600 seeds can show it within 1%. */
const OWN_MESH_MARGIN = 0.01

/** @param runs of both builds; a run's block is the index of its seed */
export function judgeSimulated(
  size: SimulatedSize,
  runs: readonly Run[],
  criteria: readonly Criterion[]
): SimulatedPart {
  const pairs = completeBlocks(runs, [0, 1])
  const meshesDiffer = pairs.some(
    ([from, to]) => (jaccard(from!.summary.provenance.edges, to!.summary.provenance.edges) ?? 1) < 1
  )
  const isQuiet = pairs.some(([from]) => (from!.summary.lighthouse.messages ?? 0) < 1)
  const seeds = Math.max(0, ...runs.map(({ block }) => block! + 1))
  const part = judgePart({
    criteria: judgeable(criteria, 'simulation').map((each) =>
      ofSize(each, { ...size, meshesDiffer, isQuiet })
    ),
    runs,
    design: 'paired',
    looks: size.looks.filter(({ blocks }) => blocks <= seeds),
    share: SHARE_OF_SIZE
  })
  const { peers, isDeduplicated } = size
  return { ...part, peers, isDeduplicated, seeds, meshesDiffer, refused: null }
}

/** Twenty joins without a loss show that the candidate loses no more than this share. */
const MARGIN_OF_JOINS = 0.15

/** Quiet: a peer of the baseline does not send the Lighthouse a message in every second. */
type OwnSize = SimulatedSize & { meshesDiffer: boolean; isQuiet: boolean }

/**
 * Large meshes are too expensive for as many joins as it takes to show stability, and for hundreds of seeds:
 * they can only show what differs from mesh to mesh to be worse.
 */
function ofSize(criterion: Criterion, { isDeduplicated, meshesDiffer, isQuiet }: OwnSize): Criterion {
  const { name, margin, components } = criterion
  if (components.length === 0)
    return { ...criterion, margin: Math.min(margin, MARGIN_OF_JOINS), onlyWorse: isDeduplicated }
  const inSecond = (component: Component): Component => {
    const { metric, unit } = component
    // Whether a rare heartbeat falls into the second is chance, also between equal builds.
    const isOfHeartbeats = metric.name === 'lighthouse.messages' || metric.name === 'lighthouse.bytes'
    const oneMore = isQuiet && isOfHeartbeats && (unit === 'bytes/s' ? 10_000 : 1.5)
    if (oneMore) return { ...component, metric: { ...metric, scale: 'difference', margin: oneMore } }
    if (!meshesDiffer) return component
    if (name === 'connecting') return { ...component, onlyWorse: isDeduplicated }
    if (!DECIDED_BY_SEEDS.has(metric.name)) return component
    const least = Math.max(metric.margin, OWN_MESH_MARGIN)
    return { ...component, metric: { ...metric, margin: least }, onlyWorse: isDeduplicated }
  }
  return { ...criterion, components: components.map(inSecond) }
}

export function refusedPart(size: SimulatedSize, refused: string): SimulatedPart {
  return { ...judgeSimulated(size, [], []), refused }
}
