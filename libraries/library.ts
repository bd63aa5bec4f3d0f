/** Resolves the names of builds to what pages are bundled with. */
import type { Plugin } from 'esbuild'
import type { PageBuild } from './bundle/bundle'
import { UserError } from '../cli/user-error'
import { dependenciesOf } from './bundle/own-dependencies'
import { ADAPTERS, pageModule } from './bundle/sources'
import { installLibrary } from './cache'
import { detectGeneration } from './generation'
import type { Generation } from '../protocol/names'
import { knownOptions, knownOptionsOfBundled } from './library-options'
import { parseBuilds, type BuildShare } from './shares'
import { parseLibrary } from './specification'

export interface ChosenLibrary {
  /** The page's `library` parameter. */
  library: Generation
  /** Builds connect to each other only if this is equal. */
  mesh: string
  /** As the cache records it; null for the suite's own builds. */
  integrity: string | null
  /** Options for serveOwnPage that include this build. */
  page: Pick<PageBuild, 'libraries' | 'plugins'>
  /** Names of its options; null if it does not declare them. */
  options: readonly string[] | null
}

/** Finds or installs the build. Throws a one-line UserError if it does not exist. */
export async function chooseLibrary(text: string, tell: (line: string) => void): Promise<ChosenLibrary> {
  const specification = parseLibrary(text)
  if (specification.kind === 'bundled') {
    const library = specification.generation
    const options = await knownOptionsOfBundled(library)
    return { library, mesh: library, integrity: null, page: {}, options }
  }
  const { folder, integrity } = await installLibrary(specification, tell)
  for (const { name, version, isReplaced } of await dependenciesOf(folder))
    if (isReplaced) tell(`${text} comes without ${name}: it is bundled with the suite's, version ${version}`)
  const { adapter, mesh } = await detectGeneration(folder, text)
  const library = adapter === 'islands' ? 'islands' : 'layers'
  return {
    library,
    mesh: mesh ?? library,
    integrity,
    options: await knownOptions(folder),
    page: {
      libraries: { [library]: { folder, name: text, integrity } },
      ...(adapter !== library && { plugins: [insteadOfLayers(adapter)] })
    }
  }
}

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

/** Adapters of older generations replace layers.ts. */
function insteadOfLayers(adapter: string): Plugin {
  return {
    name: 'adapter of an older generation',
    setup(build) {
      build.onResolve({ filter: /^\.\/layers$/ }, ({ resolveDir }) =>
        resolveDir === ADAPTERS ? { path: pageModule(`client/peer-libraries/${adapter}`) } : undefined
      )
    }
  }
}
