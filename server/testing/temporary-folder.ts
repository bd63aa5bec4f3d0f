/** Folders for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is removed at the end of the process, when nothing uses it any more. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'results-'))
  folders.push(folder)
  return folder
}
