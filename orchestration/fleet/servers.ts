/** The servers of tests whose runners are on other machines. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { buildOwnDashboard } from '../../dashboard/build'
import { resultsClient } from '../../cli/results-client'
import { UserError } from '../../cli/user-error'
import { PATIENT_RETRIES, ResultsClient } from '../../protocol/api-client'
import { startResultsServer } from '../../server/app'
import type { Engine } from '../../deploy/runners/engine'

export interface Servers {
  /** By which this process controls the tests, with the control token. */
  client: ResultsClient
  token: string | undefined
  /** All that runners get: they run the build under test. */
  submitToken: string | undefined
  /** As the runners reach it. */
  resultsServerUrl: string
  /** Where anyone may watch; undefined if the server, and with it its folder, is not this process's own. */
  dashboardUrl?: string
  /** The Lighthouse that all tests share: two at once would be one mesh. */
  sharedLighthouse?: { url: string }
  /** Otherwise, what each test's own listens on. */
  address?: string
  close(): Promise<void>
}

export interface ServerFlags {
  resultsServerUrl?: string | undefined
  lighthouseUrl?: string | undefined
  address?: string | undefined
}

/** Starts what is not given, with tokens that end with this process. */
export async function openServers(engine: Engine, flags: ServerFlags, folder: string): Promise<Servers> {
  const found = flags.address === undefined ? await engine.servers() : { address: flags.address }
  const listens = flags.resultsServerUrl === undefined || flags.lighthouseUrl === undefined
  if (flags.address !== undefined && listens) await checkAddress(flags.address)
  const lighthouseUrl = 'url' in found ? found.lighthouseUrl : flags.lighthouseUrl
  const lighthouse = lighthouseUrl === undefined ? {} : { sharedLighthouse: { url: lighthouseUrl } }
  if ('url' in found)
    return {
      ...{ ...found, ...lighthouse, submitToken: undefined },
      client: new ResultsClient({ ...found, retries: PATIENT_RETRIES })
    }
  const { address } = found
  if (flags.resultsServerUrl !== undefined) {
    const { RESULTS_SERVER_TOKEN: token, RESULTS_SERVER_SUBMIT_TOKEN: submitToken } = process.env
    const { resultsServerUrl } = flags
    const client = resultsClient(resultsServerUrl)
    const close = () => Promise.resolve()
    await client.listTests()
    return { client, token, submitToken, resultsServerUrl, ...lighthouse, address, close }
  }
  const [token, submitToken, readToken] = [newToken(), newToken(), newToken()]
  const dashboard = await buildOwnDashboard()
  const server = await startResultsServer({
    ...{ folder, port: 0, host: address, controlToken: token, submitToken, readToken },
    dashboardFolder: dashboard.folder
  }).catch(async (error: unknown) => {
    await dashboard.close()
    throw error
  })
  return {
    client: new ResultsClient({ url: server.url, token }),
    token,
    submitToken,
    resultsServerUrl: server.url,
    dashboardUrl: `${server.url}/#token=${readToken}`,
    ...lighthouse,
    address,
    close: async () => {
      await server.close()
      await dashboard.close()
    }
  }
}

/** Throws UserError if nothing can listen there. */
async function checkAddress(address: string): Promise<void> {
  const server = createServer()
  try {
    await once(server.listen(0, address), 'listening')
  } catch (error) {
    throw new UserError(
      `--address ${address} is not an address of this machine (${(error as NodeJS.ErrnoException).code!}): leave it out, or name one that the nodes reach`
    )
  } finally {
    server.close()
  }
}

const newToken = () => randomBytes(24).toString('hex')
