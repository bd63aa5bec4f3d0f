/**
 * Builds the image's page with the library named by PEER_LIBRARY; beside it, writes its generation and the
 * options that the page's builds know: `tsx deploy/docker/page.ts FOLDER`
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildPage } from '../../libraries/bundle/bundle'
import { chooseLibrary } from '../../libraries/library'
import { knownOptionsOfBundled } from '../../libraries/library-options'
import { fail } from '../../cli/command'
import { UserError } from '../../cli/user-error'

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new UserError('Usage: tsx deploy/docker/page.ts FOLDER')
  // In a Dockerfile, an ARG that is not given is empty.
  const { PEER_LIBRARY = '' } = process.env
  const build = PEER_LIBRARY === '' ? 'layers' : PEER_LIBRARY
  const { library, page, options } = await chooseLibrary(build, console.log)
  await buildPage({ ...page, outDir: join(folder, 'page') })
  await writeFile(join(folder, 'library'), library)
  const known = {
    layers: await knownOptionsOfBundled('layers'),
    islands: await knownOptionsOfBundled('islands'),
    [library]: options
  }
  await writeFile(join(folder, 'options.json'), JSON.stringify(known))
}

main().catch(fail)
