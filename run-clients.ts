/** Adds peers to a test that runs on a results server: a container's program. `npm run clients -- --help` */
import { serveOwnPage } from './client/own-page'
import { chooseLibrary, type ChosenLibrary } from './commands/libraries/library'
import { runCommand } from './runner/command'
import { readConfiguration, runnerCommand, type RunnerConfiguration } from './runner/configuration'
import { createProgress, type Progress } from './runner/progress'
import { runClients } from './runner/run'
import { UserError } from './runner/user-error'

runCommand(async (signal) => {
  const flags = runnerCommand().parse().opts<Record<string, string>>()
  const configuration = readConfiguration(process.env, flags)
  const progress = createProgress()
  const { library, page: build } = await libraryOf(configuration, progress)
  const page =
    configuration.clientUrl === undefined
      ? await progress.step('Building the page', () => serveOwnPage(build))
      : undefined
  try {
    const clientUrl = configuration.clientUrl ?? page!.url
    const outcome = await runClients({ ...configuration, library }, { clientUrl, progress, signal })
    const failures = [...outcome.failures, ...outcome.timeouts]
    for (const line of failures) console.error(`Failed: ${line}`)
    if (failures.length === 0)
      console.log(`All ${configuration.peersCount} peers have handed in their results.`)
    return failures.length === 0 ? 0 : 1
  } finally {
    await page?.close()
  }
})

/** The build that PEER_LIBRARY names. A page from elsewhere holds what it was built with. */
async function libraryOf(
  { library, peerLibrary, clientUrl }: RunnerConfiguration,
  progress: Progress
): Promise<ChosenLibrary> {
  if (peerLibrary === undefined) return { library, page: {} }
  if (clientUrl !== undefined)
    throw new UserError(
      'PEER_LIBRARY and CLIENT_URL exclude each other: a page from elsewhere has its own build'
    )
  return chooseLibrary(peerLibrary, (line) => {
    progress.note(line)
  })
}
