/** Resolves the name of a build to what a page is bundled with. */
import type { Plugin } from 'esbuild'
import type { PageBuild } from '../bundle/bundle'
import { dependenciesOf } from '../bundle/own-dependencies'
import { ADAPTERS, pageModule } from '../bundle/sources'
import { installLibrary } from './cache'
import { detectGeneration } from './generation'
import type { Generation } from '../../protocol/names'
import { knownOptions, knownOptionsOfBundled } from './library-options'
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
    const { generation } = specification
    return {
      library: generation,
      mesh: generation,
      integrity: null,
      page: {},
      options: await knownOptionsOfBundled(generation)
    }
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

/** Adapters of older generations replace layers.ts. */
function insteadOfLayers(adapter: string): Plugin {
  return {
    name: 'adapter of an older generation',
    setup(build) {
      build.onResolve({ filter: /^\.\/layers$/ }, ({ resolveDir }) =>
        resolveDir === ADAPTERS ? { path: pageModule(`client/page/peer-libraries/${adapter}`) } : undefined
      )
    }
  }
}
