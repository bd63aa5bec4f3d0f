/**
 * Builds the client image's page with the peer library named by PEER_LIBRARY, and writes the library's
 * generation next to it:
 * `tsx deploy/docker/page.ts FOLDER`
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPage } from '../../client/bundle/bundle'
import { chooseLibrary } from '../../client/builds/library'
import { UserError } from '../../options/user-error'

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new UserError('Usage: tsx deploy/docker/page.ts FOLDER')
  // In a Dockerfile, an ARG that is not given is empty.
  const { PEER_LIBRARY = '' } = process.env
  const { library, page } = await chooseLibrary(PEER_LIBRARY === '' ? 'layers' : PEER_LIBRARY, console.log)
  await buildPage({ ...page, outDir: join(folder, 'page') })
  await writeFile(join(folder, 'library'), library)
}

main().catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error)
  process.exitCode = 1
})
