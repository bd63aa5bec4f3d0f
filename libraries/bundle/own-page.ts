/** Builds client pages into a temporary folder and serves them until closed. */
import { join } from 'node:path'
import { buildPage, type PageBuild } from './bundle'
import { serveTemporary, type Start } from './static-server'

type OwnBuild = Omit<PageBuild, 'outDir'>

export const serveOwnPage = (build: OwnBuild = {}) => serveOwnPages([build])

/**
 * Each further page has a folder of its own; `urls` are their addresses, of which `url` is the first. `start`
 * calls `serve` with the port once all are built.
 */
export async function serveOwnPages(builds: readonly OwnBuild[], start?: Start) {
  const paths = builds.map((_, index) => (index === 0 ? '' : `build-${index + 1}/`))
  const page = await serveTemporary(async (folder) => {
    for (const [index, build] of builds.entries())
      await buildPage({ ...build, outDir: join(folder, paths[index]!) })
  }, start)
  return { ...page, urls: paths.map((path) => page.url + path) }
}
