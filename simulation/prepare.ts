/** Turns the user's choice into what a simulation needs: builds of the library, and bundles. */
import { chooseBuilds } from '../client/builds/mixture'
import type { LibraryBuild } from './plan'
import { bundleBrowser, bundleLighthouse, bundlePage } from './world/bundles'

/** What simulations need besides their plans. It can be sent to another process. */
export interface Prepared {
  builds: [LibraryBuild, ...LibraryBuild[]]
  /** The code of the Lighthouse. */
  lighthouse: string
}

/** Finds or installs each build and bundles its page. Throws UserError. */
export async function prepare(libraries: string, tell: (line: string) => void): Promise<Prepared> {
  const [lighthouse, browser] = [bundleLighthouse(), bundleBrowser()]
  const builds: LibraryBuild[] = []
  for (const { text, weight, chosen } of await chooseBuilds(libraries, tell)) {
    const { library, options, integrity } = chosen
    builds.push({
      text,
      weight,
      library,
      options,
      integrity,
      code: await bundlePage(chosen),
      browser: await browser
    })
  }
  return { builds: builds as Prepared['builds'], lighthouse: await lighthouse }
}
