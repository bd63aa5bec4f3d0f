/** Everything that a test on this machine needs but the peers: Lighthouse, results server, client page. */
import { buildOwnDashboard } from '../../dashboard/own-dashboard'
import { startLighthouse } from '../../lighthouse/app'
import type { Progress } from '../../runner/progress'
import { resultsFolder } from '../../runner/results-folder'
import { UserError } from '../../runner/user-error'
import { startResultsServer } from '../../server/app'
import { StartError } from '../../server/store/folder-lock'
import type { PageBuild } from '../../client/build'
import { serveOwnPage } from '../../client/own-page'
import { pickPort } from './ports'

export interface LabOptions {
  /** Where results go. */
  folder?: string
  /** What the page is bundled with. */
  page?: Omit<PageBuild, 'outDir'>
  /** Ports that the user set; others are the usual ones, or free ones where those are taken. */
  ports?: { lighthouse?: number | undefined; server?: number | undefined; page?: number | undefined }
}

export interface Lab {
  lighthouseUrl: string
  resultsServerUrl: string
  clientUrl: string
  /** Where results are. */
  folder: string
  /** Frees all ports. What was received is on disk. */
  close(): Promise<void>
}

/** Starts all parts on the loopback interface. Where one can't start, none stays. Throws UserError. */
export async function startLab(options: LabOptions, progress: Progress): Promise<Lab> {
  const folder = options.folder ?? resultsFolder()
  const tell = (line: string) => {
    progress.note(line)
  }
  const started: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    started.unshift(part)
    return part
  }
  const close = async () => {
    for (const part of started) await part.close()
  }
  try {
    const ports = {
      lighthouse: await pickPort(
        { user: 'the Lighthouse', flag: '--lighthouse-port', usual: 9000, chosen: options.ports?.lighthouse },
        tell
      ),
      server: await pickPort(
        { user: 'the results server', flag: '--server-port', usual: 9904, chosen: options.ports?.server },
        tell
      ),
      page: await pickPort(
        { user: 'the client page', flag: '--page-port', usual: 7654, chosen: options.ports?.page },
        tell
      )
    }
    const lighthouse = keep(await startLighthouse({ port: ports.lighthouse }))
    const dashboard = keep(await buildOwnDashboard())
    const server = keep(
      await startResultsServer({ folder, port: ports.server, dashboardFolder: dashboard.folder })
    )
    const page = keep(await serveOwnPage(options.page, ports.page))
    return { lighthouseUrl: lighthouse.url, resultsServerUrl: server.url, clientUrl: page.url, folder, close }
  } catch (error) {
    await close()
    throw error instanceof StartError ? new UserError(error.message) : error
  }
}
