/** Finds the builds of a mesh that runs several, as in a roll-out. */
import { UserError } from '../../options/user-error'
import { chooseLibrary, type ChosenLibrary } from './library'
import { parseBuilds, type BuildShare } from './shares'

/** A build of a mixture, ready to be bundled. */
export interface ChosenShare extends BuildShare {
  chosen: ChosenLibrary
}

/** Finds or installs all builds. Throws UserError if one does not exist, or if they cannot form one mesh. */
export async function chooseBuilds(
  text: string,
  tell: (line: string) => void
): Promise<[ChosenShare, ...ChosenShare[]]> {
  const shares: ChosenShare[] = []
  for (const share of parseBuilds(text))
    shares.push({ ...share, chosen: await chooseLibrary(share.text, tell) })
  const [first, ...others] = shares as [ChosenShare, ...ChosenShare[]]
  const stranger = others.find(({ chosen }) => chosen.mesh !== first.chosen.mesh)
  if (stranger)
    throw new UserError(
      `Peers of "${first.text}" and "${stranger.text}" never connect to each other. ` +
        'Builds that can share a mesh: layers from 0.1.36 on, or islands'
    )
  return [first, ...others]
}
