/**
 * Builds the page that the client image carries, with the peer library that PEER_LIBRARY names, and notes the library's
 * generation beside it: `ts-node deploy/docker/page.ts FOLDER`
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPage } from '../../client/build'
import { chooseLibrary } from '../../commands/libraries/library'
import { UserError } from '../../runner/user-error'

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new UserError('Usage: ts-node deploy/docker/page.ts FOLDER')
  // An argument that is not given is empty in a Dockerfile.
  const { PEER_LIBRARY = '' } = process.env
  const { library, page } = await chooseLibrary(PEER_LIBRARY === '' ? 'layers' : PEER_LIBRARY, console.log)
  await buildPage({ ...page, outDir: join(folder, 'page') })
  await writeFile(join(folder, 'library'), library)
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error)
  process.exitCode = 1
})
