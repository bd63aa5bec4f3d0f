/** Files of state, which a process that is killed must not leave half-written. */
import { open, readFile, rename } from 'node:fs/promises'
import { UserError } from '../options/user-error'

/** The old state remains until the new one is complete, and on the disk. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const file = await open(`${path}.tmp`, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.tmp`, path)
}

/** Throws UserError if it is not JSON. */
export async function readState<T>(path: string): Promise<T> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text) as T
  } catch {
    throw damaged(path)
  }
}

export const damaged = (path: string) =>
  new UserError(`${path} is damaged: restore it, or delete its folder and start anew`)
