/** What a campaign does: several variants, run in turn, in blocks of a balanced order. */
import { balancedOrder } from '../../analysis/statistics'
import { seededRandom } from '../../analysis/statistics/random'
import type { CommonOptions } from './variant'

/** What all runs of a campaign have in common. */
export interface Setting {
  peers: number
  peersPerTab: number
  /** Seconds that the peers run their routines. */
  duration: number
  /** The first seconds of these, which are left out. */
  warmup: number
  routine: string
  /** The runs of a block at the same time, so that what disturbs the machine disturbs all of them; else one after the other. */
  sideBySide?: boolean
}

export interface Plan {
  id: string
  /** Which command it belongs to: another one can't resume it. */
  command: 'compare' | 'history'
  /** ms since 1970. */
  madeAt: number
  /** As parseVariant takes them. */
  variants: string[]
  /** Options of all variants. */
  common: CommonOptions
  blocks: number
  /** Decides the seed of each block. */
  seed: number
  setting: Setting
  /** How its results are compared. */
  primary: string
  secondary: string[]
  margin: number
}

export interface PlannedRun {
  block: number
  variant: number
  seed: number
  /** Counted from 0: its place in the order of its block. */
  place: number
}

/** A void run is repeated, at most so many times. */
export const REPETITIONS = 2

/** All runs in their order: each block runs every variant once, with one seed. */
export function schedule({ variants, blocks, seed }: Plan): PlannedRun[] {
  const random = seededRandom(seed)
  return balancedOrder(variants.length, blocks).flatMap((order, block) => {
    const shared = Math.floor(random.uniform() * 2 ** 32)
    return order.map((variant, place) => ({ block, variant, seed: shared, place }))
  })
}
