import { closeSync, openSync, readSync } from 'node:fs'
import { UserError } from '../options/user-error'

/** A results document names its engine in its first line, before labels, which may have such a name, too. */
const HEAD_BYTES = 4096

/** Throws UserError if the file has results of a real test, which cannot be had again like simulated ones. */
export function refuseToReplace(file: string, id: string): void {
  let opened: number
  try {
    opened = openSync(file, 'r+')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    throw new UserError(`${message}: choose another name than --id ${id}`)
  }
  const head = Buffer.alloc(HEAD_BYTES)
  try {
    const [beginning] = head.toString('utf8', 0, readSync(opened, head)).split('"labels"')
    if (!beginning!.includes('"engine":"simulation"'))
      throw new UserError(`${file} has the results of another test: choose another name than --id ${id}`)
  } finally {
    closeSync(opened)
  }
}
