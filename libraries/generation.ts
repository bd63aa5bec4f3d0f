/** Detects the API generation of a build from its code, which also works for forks and local builds. */
import type { BuildFailure } from 'esbuild'
import { cannotBundle, entryOf, FOR_BROWSERS } from './bundle/entry'
import { build } from '../cli/esbuild'
import { UserError } from '../cli/user-error'

interface ApiGeneration {
  /** As in docs/peer-libraries.md. */
  name: string
  /** Names of methods and exports, which bundlers keep. */
  marks: readonly string[]
  /** In client/peer-libraries/. */
  adapter: string
  /** Set if its builds dial in a way of their own, and connect only to each other. */
  mesh?: string
}

/** The first entry whose marks all occur decides. */
const API_GENERATIONS: readonly ApiGeneration[] = [
  { name: 'E', marks: ['getCurrentIslandId', 'joinRoom'], adapter: 'islands' },
  { name: 'D', marks: ['buildCatalystPeerStatsData', 'setLayer'], adapter: 'layers' },
  { name: 'C', marks: ['fullyConnectedPeerIds', 'setLayer'], adapter: 'early-layers' },
  { name: 'B', marks: ['awaitConnectionEstablished', 'setLayer'], adapter: 'early-layers', mesh: '0.1.21' },
  { name: 'A', marks: ['peerJsConnection', 'joinRoom'], adapter: 'first-layers', mesh: '0.1.12' }
]

/** `name`: how the user calls a build whose folder is in the cache. Throws UserError if it is none. */
export async function detectGeneration(folder: string, name = folder): Promise<ApiGeneration> {
  const code = await codeOf(folder, name)
  const generation = API_GENERATIONS.find(({ marks }) => marks.every((mark) => code.includes(mark)))
  if (generation === undefined)
    throw new UserError(`${name} is not a build of the peer library: it has none of its known interfaces`)
  return generation
}

/** All of the package's own code, in any module format. */
async function codeOf(folder: string, name: string): Promise<string> {
  // An absolute path, so it is not treated as external.
  const entry = await entryOf(folder, name)
  try {
    const { outputFiles } = await build({
      ...FOR_BROWSERS,
      absWorkingDir: folder,
      entryPoints: [entry],
      packages: 'external',
      format: 'esm',
      write: false
    })
    return outputFiles[0]!.text
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? []
    throw first ? cannotBundle(name, folder, first) : error
  }
}
