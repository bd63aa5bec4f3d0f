/** Which generation of the API a build has, by what its code holds: so that forks and local builds are known as well. */
import { build } from 'esbuild'
import { UserError } from '../../runner/user-error'

/** As docs/peer-libraries.md calls them. */
export type Generation = 'A' | 'B' | 'C' | 'D' | 'E'

/** Names of methods and exports, which bundlers keep; the first whose names all occur decides. */
const MARKS: readonly [Generation, readonly string[]][] = [
  ['E', ['getCurrentIslandId', 'joinRoom']],
  ['D', ['buildCatalystPeerStatsData', 'setLayer']],
  ['C', ['fullyConnectedPeerIds', 'setLayer']],
  ['B', ['awaitConnectionEstablished', 'setLayer']],
  ['A', ['peerJsConnection', 'joinRoom']]
]

/** Throws UserError where the folder holds no build of the library. */
export async function detectGeneration(folder: string): Promise<Generation> {
  const code = await codeOf(folder)
  const [generation] = MARKS.find(([, names]) => names.every((name) => code.includes(name))) ?? []
  if (generation === undefined)
    throw new UserError(`${folder} is no build of the peer library: it has none of its known interfaces`)
  return generation
}

/** All of the package's own code, in whatever format it comes. */
async function codeOf(folder: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      entryPoints: [folder],
      bundle: true,
      packages: 'external',
      // The folder itself is an absolute path, which is not external.
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent'
    })
    return outputFiles[0]!.text
  } catch (error) {
    throw new UserError(
      `${folder} is no built package: ${(error as Error).message.split('\n')[1] ?? 'it cannot be bundled'}. Build it first.`
    )
  }
}
