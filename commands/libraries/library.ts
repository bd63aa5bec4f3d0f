/** From the name of a build to what a page is bundled with. */
import { join, resolve } from 'node:path'
import type { Plugin } from 'esbuild'
import type { PageBuild } from '../../client/build'
import { installLibrary } from './cache'
import { detectGeneration, type Generation } from './generation'
import { parseLibrary } from './specification'

export interface ChosenLibrary {
  /** The page's `library` parameter. */
  library: 'layers' | 'islands'
  /** For serveOwnPage: with this build in it. */
  page: Pick<PageBuild, 'libraries' | 'plugins'>
}

/** Finds or installs the build. Throws UserError, in one line, where there is none such. */
export async function chooseLibrary(text: string, tell: (line: string) => void): Promise<ChosenLibrary> {
  const specification = parseLibrary(text)
  if (specification.kind === 'bundled') return { library: specification.generation, page: {} }
  const { folder, integrity } = await installLibrary(specification, tell)
  const generation = await detectGeneration(folder)
  const library = generation === 'E' ? 'islands' : 'layers'
  const adapter = ADAPTERS[generation]
  return {
    library,
    page: {
      libraries: { [library]: { folder, integrity } },
      ...(adapter !== undefined && { plugins: [insteadOfLayers(adapter)] })
    }
  }
}

/** Adapters of the older generations, which take the place of layers.ts. */
const ADAPTERS: Partial<Record<Generation, string>> = {
  A: 'first-layers.ts',
  B: 'early-layers.ts',
  C: 'early-layers.ts'
}

const PEER_LIBRARIES = resolve(__dirname, '../../client/peer-libraries')

function insteadOfLayers(adapter: string): Plugin {
  return {
    name: 'adapter of an older generation',
    setup(build) {
      build.onResolve({ filter: /^\.\/layers$/ }, ({ resolveDir }) =>
        resolveDir === PEER_LIBRARIES ? { path: join(PEER_LIBRARIES, adapter) } : undefined
      )
    }
  }
}
