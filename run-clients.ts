/** Adds peers to a test that runs on a results server: a container's program. `npm run clients -- --help` */
import { serveOwnPage } from './client/own-page'
import { runCommand } from './runner/command'
import { readConfiguration, runnerCommand } from './runner/configuration'
import { createProgress } from './runner/progress'
import { runClients } from './runner/run'

runCommand(async (signal) => {
  const flags = runnerCommand().parse().opts<Record<string, string>>()
  const configuration = readConfiguration(process.env, flags)
  const progress = createProgress()
  const page =
    configuration.clientUrl === undefined ? await progress.step('Building the page', () => serveOwnPage()) : undefined
  try {
    const clientUrl = configuration.clientUrl ?? page!.url
    const failures = await runClients(configuration, { clientUrl, progress, signal })
    for (const line of failures) console.error(`Failed: ${line}`)
    if (failures.length === 0)
      console.log(`All ${configuration.peersCount} peers have handed in their results.`)
    return failures.length === 0 ? 0 : 1
  } finally {
    await page?.close()
  }
})
