/** Files of state, which a process that is killed must not leave half-written. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { notWritable } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { attempt } from '../protocol/attempt'

/** The old state remains until the new one is complete, and on the disk. Throws UserError if it cannot be. */
export async function replaceFile(path: string, text: string, fix?: string): Promise<void> {
  const part = `${path}.tmp`
  try {
    await writeFile(part, text, { flush: true })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined)
    throw notWritable(dirname(path), error as Error, fix)
  }
}

/** Throws UserError if it is not JSON. */
export async function readState<T>(path: string): Promise<T> {
  const text = await readFile(path, 'utf8')
  const state = attempt(() => JSON.parse(text) as T)
  if (state === undefined) throw damaged(path)
  return state
}

export const damaged = (path: string) =>
  new UserError(`${path} is damaged: restore it, or delete its folder and start anew`)
