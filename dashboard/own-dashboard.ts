/** The dashboard for a server that runs here: built for it in a checkout, ready in the package. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDashboard } from './build'

export interface OwnDashboard {
  folder: string
  /** Removes what was built. */
  close: () => Promise<void>
}

/** In the package, beside the program. */
const READY = join(__dirname, 'dashboard')

export async function buildOwnDashboard(): Promise<OwnDashboard> {
  if (existsSync(READY)) return { folder: READY, close: () => Promise.resolve() }
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-'))
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    await buildDashboard({ outDir: folder })
    return { folder, close }
  } catch (error) {
    await close()
    throw error
  }
}
