/** Serves a client page that came with a test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientPage } from '../../protocol/page'
import { servePage, type ServedPage } from './static-server'

export async function serveGivenPage({ index, bundle }: ClientPage): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'client-page-'))
  await writeFile(join(folder, 'index.html'), index)
  await writeFile(join(folder, 'bundle.js'), bundle)
  const page = await servePage(folder)
  return {
    ...page,
    close: async () => {
      await page.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}
