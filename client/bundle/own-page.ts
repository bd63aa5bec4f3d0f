/** Builds client pages into a temporary folder and serves them until closed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPage, type PageBuild } from './bundle'
import { servePage, type ServedPage } from './static-server'

type OwnBuild = Omit<PageBuild, 'outDir'>

export interface OwnPages extends ServedPage {
  /** Addresses of the pages, one for each build; the first is `url`. */
  urls: string[]
  /** Where they are. */
  folder: string
}

export function serveOwnPage(build: OwnBuild = {}): Promise<OwnPages> {
  return serveOwnPages([build], (serve) => serve(0))
}

/**
 * One server for the pages of several builds: each further page has a folder of its own. `start` calls
 * `serve` with the port, once the pages are built.
 */
export async function serveOwnPages(
  builds: readonly OwnBuild[],
  start: (serve: (port: number) => Promise<ServedPage>) => Promise<ServedPage>
): Promise<OwnPages> {
  const paths = builds.map((_, index) => (index === 0 ? '' : `build-${index + 1}/`))
  const folder = await mkdtemp(join(tmpdir(), 'client-page-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    for (const [index, build] of builds.entries())
      await buildPage({ ...build, outDir: join(folder, paths[index]!) })
    const page = await start((port) => servePage(folder, { port }))
    return {
      ...page,
      folder,
      urls: paths.map((path) => page.url + path),
      close: async () => {
        await page.close()
        await remove()
      }
    }
  } catch (error) {
    await remove()
    throw error
  }
}
