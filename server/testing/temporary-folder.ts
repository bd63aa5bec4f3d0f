/** Temporary folders for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is removed when the process exits, because nothing uses it by then. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'results-'))
  folders.push(folder)
  return folder
}
