/** What to simulate. */
import type { ChosenLibrary } from '../libraries/library'
import { peersOfBuilds } from '../libraries/shares'
import { DEFAULTS } from '../lighthouse/options'
import { behaviourOf, type Behaviour } from '../cli/behaviour'
import { UserError } from '../cli/user-error'
import { formatFault, type Fault } from './fault-text'

/** A build of the peer library, ready to simulate. It can be sent to another process. */
export interface LibraryBuild extends Pick<ChosenLibrary, 'library' | 'options' | 'integrity'> {
  /** As the user entered it. */
  text: string
  /** The page's bundle: see world/bundles.ts. */
  code: string
  /** In a mesh of several builds: number of peers of this build in each cycle. */
  weight: number
}

/** One build, or several in one mesh: peers are assigned to builds by weight. */
export type Builds = readonly [LibraryBuild, ...LibraryBuild[]]

export interface Plan extends Behaviour {
  id: string
  peers: number
  seed: number
  /** s that the routines run, and of them not measured. */
  duration: number
  warmup: number
  builds: Builds
  /** Number of peers that share a page and its thread. */
  peersPerPage: number
  faults: readonly Fault[]
  /** Follows each message, so that the outcome tells which ones never came. */
  tracesMessages: boolean
  /** ms for which each packet or timer keeps a page's thread busy; 0: infinitely fast machines. */
  costOfPacket: number
  costOfTimer: number
  labels: Readonly<Record<string, string>>
  thresholds: readonly string[]
}

export type PlanChoices = Partial<Omit<Plan, 'builds'>> & Pick<Plan, 'builds' | 'peers' | 'seed'>

/** With defaults for what is not given. Throws UserError if it is impossible. */
export function planOf(choices: PlanChoices): Plan {
  const plan: Plan = {
    id: `simulated-${choices.seed}`,
    duration: 30,
    warmup: 5,
    peersPerPage: choices.peers,
    faults: [],
    tracesMessages: false,
    costOfPacket: 0,
    costOfTimer: 0,
    labels: {},
    thresholds: [],
    ...choices,
    ...behaviourOf(choices)
  }
  checkFaults(plan.faults, plan)
  const counts = peersOfBuilds(plan.builds, plan.peers)
  const ofLayers = counts.filter((_, index) => plan.builds[index]!.library === 'layers')
  const { maxUsersPerLayer } = DEFAULTS
  // A peer that the Lighthouse refuses would silently do nothing.
  if (ofLayers.reduce((sum, count) => sum + count, 0) > maxUsersPerLayer)
    throw new UserError(
      `Peer ${maxUsersPerLayer + 1} of layers cannot join: the Lighthouse holds ${maxUsersPerLayer} in a layer. ` +
        `Use --peers ${maxUsersPerLayer} at most, or a build of islands`
    )
  return plan
}

type Size = Pick<Plan, 'peers' | 'duration'>

/** Throws UserError if a fault cannot happen. */
export function checkFaults(faults: readonly Fault[], size: Size): void {
  for (const fault of faults) {
    const problem = problemOf(fault, size)
    if (problem !== undefined)
      throw new UserError(`The fault ${formatFault(fault)} cannot happen: ${problem}`)
  }
}

function problemOf(fault: Fault, { peers, duration }: Size): string | undefined {
  if (fault.at >= duration) return `the routines end after ${duration} s`
  if (fault.kind === 'death') return fault.peer < peers ? undefined : `the peers are 0 to ${peers - 1}`
  if (fault.kind === 'storm' && fault.peers > peers) return `the test has ${peers} peers`
  if (fault.kind === 'partition' && fault.peers >= peers)
    return `of ${peers} peers, at most ${peers - 1} can be cut off from the others`
  return fault.until > duration
    ? `it lasts longer than the routines, which end after ${duration} s`
    : undefined
}
