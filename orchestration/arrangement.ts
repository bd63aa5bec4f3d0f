/** How the two runs of a block share the machine. */
import { separateCores } from '../runner/own-core'
import { UserError } from '../cli/user-error'
import type { Setting } from './plan'

export const DESIGNS = ['isolated', 'side-by-side', 'one-after-the-other'] as const
export type Design = (typeof DESIGNS)[number]

/** Number of blocks that also run each build alone, if builds run at the same time. */
const SOLO_BLOCKS = 2

export interface ArrangementFlags {
  design?: Design
  /** False requests one run after the other. */
  sideBySide: boolean
  lighthouseUrl?: string | undefined
  peers: number
  peersPerTab?: number | undefined
}

type Sharing = Pick<Setting, 'sideBySide' | 'soloBlocks' | 'whyNotIsolated'>

/**
 * The requested design, or the best one that is possible here: isolated, or else one after the other, with
 * the reason. Shared cores must be requested: timed metrics then reveal little. Throws UserError.
 */
export function arrange(
  flags: ArrangementFlags,
  cores: ReturnType<typeof separateCores> = separateCores(2)
): Sharing & Pick<Setting, 'coreSets'> {
  const isShared = flags.design === 'side-by-side'
  const obstacle = whyNotAtOnce(flags) ?? (isShared || cores.sets !== null ? undefined : cores.reason)
  const sharing = atOnceUnless(obstacle, flags, 'here')
  if (!sharing.sideBySide) return sharing
  if (isShared) return { ...sharing, whyNotIsolated: 'requested by --design side-by-side' }
  return { ...sharing, coreSets: cores.sets! }
}

/** Whether both runs of a block share the machines and, if not, why not. Throws UserError. */
export function atOnceUnless(
  obstacle: string | undefined,
  { design, sideBySide }: Pick<ArrangementFlags, 'design' | 'sideBySide'>,
  where: string
): Sharing {
  if (design === 'one-after-the-other' || !sideBySide) return { sideBySide: false }
  if (obstacle === undefined) return { sideBySide: true, soloBlocks: SOLO_BLOCKS }
  if (design !== undefined) throw new UserError(`--design ${design} is not possible ${where}: ${obstacle}`)
  return { sideBySide: false, whyNotIsolated: obstacle }
}

function whyNotAtOnce({ lighthouseUrl, peers, peersPerTab = peers }: ArrangementFlags): string | undefined {
  if (lighthouseUrl !== undefined) return 'both builds would share one Lighthouse'
  return peersPerTab < peers ? 'peers in several tabs need all cores' : undefined
}
