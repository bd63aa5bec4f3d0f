/** How the two runs of a block share the machine. */
import { separateCores } from '../runner/own-core'
import { UserError } from '../options/user-error'
import type { Setting } from './plan'

export const DESIGNS = ['isolated', 'side-by-side', 'one-after-the-other'] as const
export type Design = (typeof DESIGNS)[number]

/** Number of blocks that also run each build alone, if builds run at the same time. */
export const SOLO_BLOCKS = 2

export interface ArrangementFlags {
  design?: Design
  /** False requests one run after the other. */
  sideBySide: boolean
  lighthouseUrl?: string | undefined
  peers: number
  peersPerTab?: number | undefined
}

/**
 * Returns the requested design or, by default, the best one available: isolated, or else one after the other,
 * with the reason. Shared cores must be requested explicitly, because timed metrics then reveal little.
 * @throws UserError if the requested design is not possible here
 */
export function arrange(
  flags: ArrangementFlags,
  cores: ReturnType<typeof separateCores> = separateCores(2)
): Pick<Setting, 'sideBySide' | 'coreSets' | 'whyNotIsolated' | 'soloBlocks'> {
  const design = flags.design ?? (flags.sideBySide ? undefined : 'one-after-the-other')
  if (design === 'one-after-the-other') return { sideBySide: false }
  const obstacle = whyNotAtOnce(flags)
  if (obstacle !== null) return fallback(design, obstacle)
  if (design === 'side-by-side')
    return { sideBySide: true, soloBlocks: SOLO_BLOCKS, whyNotIsolated: 'requested by --design side-by-side' }
  if (cores.sets === null) return fallback(design, cores.reason)
  return { sideBySide: true, soloBlocks: SOLO_BLOCKS, coreSets: cores.sets }
}

function fallback(
  design: Design | undefined,
  reason: string
): Pick<Setting, 'sideBySide' | 'whyNotIsolated'> {
  if (design !== undefined) throw new UserError(`--design ${design} is not possible here: ${reason}`)
  return { sideBySide: false, whyNotIsolated: reason }
}

function whyNotAtOnce({ lighthouseUrl, peers, peersPerTab = peers }: ArrangementFlags): string | null {
  if (lighthouseUrl !== undefined) return 'both builds would share one Lighthouse'
  return peersPerTab < peers ? 'peers in several tabs need all cores' : null
}
