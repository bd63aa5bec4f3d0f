import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt } from '../protocol/attempt'
import { messageOf, UserError } from './user-error'

const temporary: string[] = []
// A second Ctrl-C leaves their owners no time.
process.once('exit', () => {
  // Another process may still write to it.
  for (const folder of temporary) attempt(() => rmSync(folder, { recursive: true, force: true }))
})

/** A new folder, which its name begins with. Throws UserError if the system's own cannot be written to. */
export async function temporaryFolder(name: string): Promise<string> {
  try {
    const folder = await mkdtemp(join(tmpdir(), name))
    temporary.push(folder)
    return folder
  } catch (error) {
    throw new UserError(`Can't write temporary files (${messageOf(error)}): set TMPDIR to a folder of yours`)
  }
}
