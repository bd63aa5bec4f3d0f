/** A campaign runs its variants in blocks, in an order drawn from the seed in balanced pairs. */
import { randomBytes } from 'node:crypto'
import { parseGate, type Criterion } from '../analysis/gate/criteria'
import { balancedOrder } from '../analysis/statistics/order'
import { seededRandom, type Random } from '../analysis/statistics/random'
import { UserError } from '../cli/user-error'
import type { Engine } from '../protocol/names'
import { parseVariant, textsOf, type CommonOptions, type Variant } from './variant'

/** Of a comparison that may end earlier: by default, and at most. */
export const DEFAULT_MAX_BLOCKS = 24
export const MOST_BLOCKS = 200

/** What all runs of a campaign have in common. */
export interface Setting {
  peers: number
  peersPerTab: number
  /** How long the peers run their routines, in seconds. */
  duration: number
  /** How many of the first seconds to leave out. */
  warmup: number
  routine: string
  /** If absent: real browsers. */
  engine?: Engine
  /**
   * Runs the runs of a block at the same time, so that any disturbance of the machine affects all of them;
   * otherwise one after the other.
   */
  sideBySide?: boolean
  /** Gives each browser its own cores, by slot; otherwise all share the machine. */
  coreSets?: number[][]
  /** The nodes of a fleet, on which every run runs; absent: this machine. */
  nodes?: string[]
  /** Most cores of each runner on its node; absent: all. */
  coresEach?: number
  /** Why the runs of a block are not isolated from each other, if they are not. */
  whyNotIsolated?: string
  /** Only in virtual time: what goes wrong, in the format that parseFault accepts. */
  faults?: string[]
  /** Number of blocks that also run each build alone, to measure how much the builds slow each other down. */
  soloBlocks?: number
}

export interface Plan {
  id: string
  /** The command the campaign belongs to. No other command can resume it. */
  command: 'compare' | 'history'
  /** ms since 1970. */
  madeAt: number
  variants: Variant[]
  /** Hashes of the builds that it began with, by variant; null: one of the suite's own. */
  builds?: (string | null)[]
  common: CommonOptions
  /** Exact number of blocks, or the maximum if `isSequential`. */
  blocks: number
  /** Stops as soon as the gate is decided, or is unlikely to be. */
  isSequential?: boolean
  /** The maxima before the comparison was resumed with more blocks. */
  stages?: number[]
  /** The command line of the first call, so that a later one can repeat it or be checked against it. */
  argv?: string[]
  /** Smallest change of a timed criterion that matters. */
  detect?: number
  /** Criteria of the gate, as the user typed them. */
  gate?: string
  /** What `detect` and `gate` say. */
  criteria: Criterion[]
  allowUnknownOptions?: boolean
  /** Determines the seed of each block. */
  seed: number
  setting: Setting
  primary: string
  secondary: string[]
  /** Margin for all metrics compared by ratio; null: each metric uses its own. */
  margin: number | null
}

/** A plan as files hold it: of what was parsed, they hold the texts. */
export type StoredPlan = Omit<Plan, 'variants' | 'criteria'> & { variants: string[] }

/** Throws UserError if a variant or the gate makes no sense. */
export function parsePlan(stored: StoredPlan): Plan {
  const variants = stored.variants.map((text) => parseVariant(text, stored.common))
  return { ...stored, variants, criteria: criteriaOf(stored) }
}

/** The inverse. JSON leaves out what is undefined. */
export const storedPlan = (plan: Plan) => ({ ...plan, variants: textsOf(plan.variants), criteria: undefined })

/** Throws UserError if the gate can't be parsed. */
export function criteriaOf({ gate = '', detect }: Pick<Plan, 'gate' | 'detect'>): Criterion[] {
  try {
    return parseGate(gate, detect)
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(`--gate "${gate}" ${error.message}`)
    throw error
  }
}

/** A new id for a comparison or a test, based on its date. */
export function newId(): string {
  const date = new Date().toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')
  return `${date}-${randomBytes(2).toString('hex')}`
}

/** Throws UserError if a build is not the one that the campaign began with. */
export function refuseChangedBuilds({ id, variants, builds }: Plan, now: readonly (string | null)[]) {
  const changed = variants.find((_, index) => builds && builds[index] !== now[index])
  if (changed)
    throw new UserError(
      `${changed.library} has changed since this comparison began, or another version of the suite began it: start a new one (track and bisect: after removing comparisons/${id})`
    )
}

export interface PlannedRun {
  block: number
  variant: number
  seed: number
  /** Which set of cores its browser gets, if each has its own. */
  slot: number
  /** Runs alone on the machine. */
  solo?: true
}

/** How many times a block with a void or failed run is repeated, always as a whole. */
export const REPETITIONS = 2

/**
 * All runs in order: each block runs every variant once, with one seed. The plan's seed determines which
 * variant starts and which gets which cores, balanced over each pair of blocks: a steady drift favours a
 * variant in one block as much as it harms it in the next.
 */
export function schedule({ variants, blocks, seed, setting }: Plan): PlannedRun[] {
  const seeds = seededRandom(seed)
  const coins = seededRandom(seed ^ 0x5bd1e995)
  const orders = drawn(balancedOrder(variants.length, blocks), coins)
  const slots = drawn(balancedOrder(variants.length, blocks), coins)
  return orders.flatMap((order, block) => {
    const shared = Math.floor(seeds.uniform() * 2 ** 32)
    const runs = order.map((variant): PlannedRun => {
      return { block, variant, seed: shared, slot: slots[block]!.indexOf(variant) }
    })
    // Early ones, because a sequential comparison may end soon.
    const hasSolo = block % 2 === 0 && block / 2 < (setting.soloBlocks ?? 0)
    return hasSolo ? [...runs, ...runs.map((run): PlannedRun => ({ ...run, solo: true }))] : runs
  })
}

/** Swaps the two rows of each pair, of which each is the other's reverse, at the toss of a coin. */
function drawn(rows: readonly number[][], coins: Random): number[][] {
  let isSwapped = false
  return rows.map((row, index) => {
    if (index % 2 === 0) isSwapped = coins.uniform() >= 0.5
    return isSwapped ? row.toReversed() : row
  })
}
