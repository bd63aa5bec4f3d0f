/** Adds peers to a test on a results server. */
import { setFlagsFromString } from 'node:v8'
import { serveOwnPage } from '../libraries/bundle/own-page'
import { serveGivenPage } from '../libraries/bundle/static-server'
import { chooseLibrary } from '../libraries/library'
import { refuseUnknownOptions } from '../libraries/library-options'
import { connectingTrouble } from '../cli/network/connecting'
import {
  oldVariableTrouble,
  readConfiguration,
  runnerCommand,
  tokenTrouble,
  type RunnerConfiguration
} from '../runner/configuration'
import { createProgress, type Progress } from '../cli/progress'
import { checkPreconditions } from '../runner/preconditions'
import { runClients } from '../runner/run'
import { findTest } from '../runner/servers'
import { UserError } from '../cli/user-error'
import { ResultsClient } from '../protocol/api-client'

export const program = runnerCommand()

export async function run(signal: AbortSignal): Promise<number> {
  // Otherwise V8 shrinks the idle heap while peers are measured: 100 ms of CPU, most of it on other cores.
  setFlagsFromString('--no-incremental-marking')
  const configuration = readConfiguration(process.env, program.opts<Record<string, string>>())
  checkPreconditions(configuration)
  const progress = createProgress()
  const troubles = [
    tokenTrouble(process.env),
    oldVariableTrouble(process.env),
    connectingTrouble(configuration)
  ]
  for (const trouble of troubles) if (trouble !== undefined) progress.note(trouble)
  const page = await pageFor(configuration, progress)
  try {
    const { library, url: clientUrl } = page
    const builds = [{ clientUrl, peers: Infinity }]
    const outcome = await runClients({ ...configuration, library }, { builds, progress, signal })
    const failures = [...outcome.failures, ...outcome.timeouts]
    for (const line of failures) console.error(`Failed: ${line}`)
    if (failures.length === 0)
      console.log(`All ${configuration.peersCount} peers have submitted their results.`)
    return failures.length === 0 ? 0 : 1
  } finally {
    await page.close()
  }
}

/** The page at CLIENT_URL, the one that the test brings, or else this runner's own, with the named build. */
async function pageFor(configuration: RunnerConfiguration, progress: Progress) {
  const { clientUrl, peerLibrary, library, testId, peerConfig, allowUnknownOptions } = configuration
  if (clientUrl !== undefined) {
    // The options of its build are unknown here.
    if (peerLibrary === undefined) return { library, url: clientUrl, close: () => Promise.resolve() }
    throw new UserError(
      'PEER_LIBRARY and CLIENT_URL exclude each other: a page from elsewhere has its own build'
    )
  }
  if (peerLibrary === undefined) {
    const client = new ResultsClient({ url: configuration.resultsServerUrl, token: configuration.token })
    // Says what is wrong with the address, the token or the test.
    await findTest(client, testId)
    const given = await client.getPage(testId)
    if (given) return { library, ...(await serveGivenPage(given)) }
  }
  const build = peerLibrary ?? library
  const chosen = await chooseLibrary(build, (line) => progress.note(line))
  if (allowUnknownOptions === 'no')
    refuseUnknownOptions(build, peerConfig, chosen.options, 'ALLOW_UNKNOWN_OPTIONS=yes')
  const page = await progress.step('Building the page', () => serveOwnPage(chosen.page))
  return { ...page, library: chosen.library }
}
