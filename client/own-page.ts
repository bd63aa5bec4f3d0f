/** Builds the client page into a temporary folder and serves it, until it is closed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPage, type PageBuild } from './build'
import { servePage, type ServedPage } from './static-server'

export async function serveOwnPage(build: Omit<PageBuild, 'outDir'> = {}, port = 0): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'client-page-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await buildPage({ ...build, outDir: folder })
    const page = await servePage(folder, { port })
    return {
      ...page,
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
