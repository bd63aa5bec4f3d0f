/** Everything that a local test needs except the peers: Lighthouse, results server and client page. */
import { buildOwnDashboard } from '../dashboard/build'
import { startLighthouse, type Lighthouse } from '../lighthouse/app'
import type { Progress } from '../cli/progress'
import { peerIdOf } from '../client/randomness'
import { PeerRelay } from '../runner/relay/peer-relay'
import type { PageBuild } from '../libraries/bundle/bundle'
import { serveOwnPages } from '../libraries/bundle/own-page'
import { startOnPort } from './ports'
import { startLocalServer } from './server'

const PORTS = {
  lighthouse: { user: 'the Lighthouse', flag: '--lighthouse-port', usual: 9000 },
  page: { user: 'the client page', flag: '--page-port', usual: 7654 },
  server: { user: 'the results server', flag: '--server-port', usual: 9904 }
}

export interface LabOptions {
  /** Where results go; by default, to the results folder of this machine, or to the server that uses it. */
  folder?: string
  /** What the page is bundled with; several builds of the library get a page each. */
  pages?: readonly Omit<PageBuild, 'outDir'>[]
  /** Those that the user set. */
  ports?: Partial<Record<keyof typeof PORTS, number | undefined>>
}

export type Lab = Awaited<ReturnType<typeof startLab>>

/** Starts all parts on the loopback interface. If one cannot start, stops the others and throws UserError. */
export async function startLab(options: LabOptions, progress: Progress) {
  const { folder, pages = [{}], ports = {} } = options
  const onPort = <T>(part: keyof typeof PORTS, start: (port: number) => Promise<T>) =>
    startOnPort({ ...PORTS[part], chosen: ports[part] }, (line) => progress.note(line), start)
  const started: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    started.unshift(part)
    return part
  }
  const close = async () => {
    for (const part of started) await part.close()
  }
  try {
    // Both bundles are made at once, while the servers start.
    const starting = [
      onPort('lighthouse', startRelayedLighthouse).then(keep),
      serveOwnPages(pages, (serve) => onPort('page', serve)).then(keep),
      buildOwnDashboard()
        .then(keep)
        .then(({ folder: dashboardFolder }) =>
          onPort('server', (port) =>
            startLocalServer({ port, dashboardFolder }, { folder, port: ports.server }, progress)
          )
        )
        .then(keep)
    ] as const
    // If one cannot start, those that could are stopped.
    await Promise.allSettled(starting)
    const [lighthouse, page, server] = await Promise.all(starting)
    return {
      lighthouseUrl: lighthouse.url,
      resultsServerUrl: server.url,
      /** All that the pages get: they run the build under test, a stranger's code. */
      pageToken: server.pageToken,
      clientUrl: page.url,
      /** The pages of all builds; `clientUrl` is the first. */
      clientUrls: page.urls,
      folder: server.folder,
      /** Carries the peers' datagrams on networks that the browser cannot emulate. */
      relay: lighthouse.relay,
      /** Everything received is on disk by then. */
      close
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A Lighthouse with the relay of its peers' datagrams. */
export async function startRelayedLighthouse(port: number): Promise<Lighthouse & { relay: PeerRelay }> {
  const relay = new PeerRelay(peerIdOf)
  const lighthouse = await startLighthouse({ port, rewrite: relay.rewrite.bind(relay) })
  const close = async () => {
    await lighthouse.close()
    relay.close()
  }
  return { ...lighthouse, relay, close }
}
