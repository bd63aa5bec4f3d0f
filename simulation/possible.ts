/** Refuses what cannot happen before anything runs: it would silently do nothing. */
import { UserError } from '../options/user-error'
import { withDefaults } from '../lighthouse/options'
import { peersOfBuilds } from '../client/builds/shares'
import { formatFault, type Fault } from './fault-text'
import type { LibraryBuild } from './library-build'

interface Size {
  peers: number
  /** Seconds. */
  duration: number
}

interface Planned extends Size {
  builds: readonly LibraryBuild[]
  faults: readonly Fault[]
}

/** Throws UserError if a build gets no peer, a fault cannot happen, or the Lighthouse would refuse a peer. */
export function checkPossible(plan: Planned): void {
  checkFaults(plan.faults, plan)
  const counts = peersOfBuilds(plan.builds, plan.peers)
  const ofLayers = counts.filter((_, index) => plan.builds[index]!.library === 'layers')
  const peers = ofLayers.reduce((sum, count) => sum + count, 0)
  const { maxUsersPerLayer } = withDefaults({})
  if (peers > maxUsersPerLayer)
    throw new UserError(
      `Peer ${maxUsersPerLayer + 1} of layers cannot join: the Lighthouse holds ${maxUsersPerLayer} in a layer. ` +
        `Use --peers ${maxUsersPerLayer} at most, or a build of islands`
    )
}

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
  switch (fault.kind) {
    case 'death':
      return fault.peer < peers ? undefined : `the peers are 0 to ${peers - 1}`
    case 'storm':
      if (fault.peers > peers) return `the test has ${peers} peers`
      break
    case 'partition':
      if (fault.peers >= peers)
        return `of ${peers} peers, at most ${peers - 1} can be cut off from the others`
  }
  return fault.until > duration
    ? `it lasts longer than the routines, which end after ${duration} s`
    : undefined
}
