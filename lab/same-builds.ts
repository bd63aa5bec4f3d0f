/** The blocks and the simulated part of a comparison run the same builds, also when it is resumed. */
import type { ChosenLibrary } from '../client/builds/library'
import { UserError } from '../options/user-error'
import type { Plan } from './plan'

/** Throws UserError if a build is not the one that the campaign began with. */
export function refuseChangedBuilds(
  { variants, builds }: Plan,
  now: readonly ChosenLibrary['integrity'][]
): void {
  const changed = variants.find((_, index) => builds && builds[index] !== now[index])
  if (changed === undefined) return
  const [library] = changed.split('?') as [string]
  throw new UserError(`${library} has changed since this comparison began: start a new one`)
}
