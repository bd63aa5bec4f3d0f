/** Turns the user's choice into builds of the library that can be simulated. */
import { chooseBuilds } from '../libraries/library'
import type { Builds, LibraryBuild } from './plan'
import { bundlePage } from './world/bundles'

/** Finds or installs each build and bundles its page. Throws UserError. */
export async function prepare(libraries: string, tell: (line: string) => void): Promise<Builds> {
  const builds: LibraryBuild[] = []
  for (const { text, weight, chosen } of await chooseBuilds(libraries, tell)) {
    const { library, options, integrity } = chosen
    builds.push({ text, weight, library, options, integrity, code: await bundlePage(chosen) })
  }
  return builds as [LibraryBuild, ...LibraryBuild[]]
}
