/** Builds the dashboard into a temporary folder, for a server that runs from source. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDashboard } from './build'

export interface OwnDashboard {
  folder: string
  /** Removes the folder. */
  close: () => Promise<void>
}

export async function buildOwnDashboard(): Promise<OwnDashboard> {
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
