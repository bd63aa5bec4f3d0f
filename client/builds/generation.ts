/** Detects the API generation of a build from its code, which also works for forks and local builds. */
import { build, type BuildFailure } from 'esbuild'
import { cannotBundle, entryOf } from '../bundle/entry'
import { UserError } from '../../options/user-error'

/** Named as in docs/peer-libraries.md. */
export type ApiGeneration = 'A' | 'B' | 'C' | 'D' | 'E'

/** Names of methods and exports, which bundlers keep. The first entry whose names all occur decides. */
const MARKS: readonly [ApiGeneration, readonly string[]][] = [
  ['E', ['getCurrentIslandId', 'joinRoom']],
  ['D', ['buildCatalystPeerStatsData', 'setLayer']],
  ['C', ['fullyConnectedPeerIds', 'setLayer']],
  ['B', ['awaitConnectionEstablished', 'setLayer']],
  ['A', ['peerJsConnection', 'joinRoom']]
]

/**
 * Throws UserError if the folder does not contain a build of the library. `name`: how the user calls it,
 * where the folder is one of the cache.
 */
export async function detectGeneration(folder: string, name = folder): Promise<ApiGeneration> {
  const code = await codeOf(folder, name)
  const [generation] = MARKS.find(([, names]) => names.every((name) => code.includes(name))) ?? []
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
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      preserveSymlinks: true,
      packages: 'external',
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent'
    })
    return outputFiles[0]!.text
  } catch (error) {
    throw cannotBundle(name, folder, (error as BuildFailure).errors[0]!)
  }
}
