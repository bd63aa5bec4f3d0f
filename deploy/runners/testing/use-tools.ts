/** Stand-ins for the command-line tools of engines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'

/** Puts tools of the test before those of the machine. Returns their folder. */
export function useTools(tools: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'))
  const { PATH } = process.env
  before(() => {
    for (const [name, script] of Object.entries(tools))
      writeFileSync(join(folder, name), script, { mode: 0o755 })
    process.env.PATH = `${folder}:${PATH ?? ''}`
  })
  after(() => {
    process.env.PATH = PATH
    rmSync(folder, { recursive: true })
  })
  return folder
}
