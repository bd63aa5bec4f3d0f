import { readFileSync } from 'node:fs'
import { UserError } from '../cli/user-error'

/** Throws UserError if the file has results of a real test, which cannot be had again like simulated ones. */
export function refuseToReplace(file: string, id: string): void {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return
    throw new UserError(`${message}: choose another name than --id ${id}`)
  }
  // A document names its engine before its labels, which may have such a name, too.
  if (!text.split('"labels"', 1)[0]!.includes('"engine":"simulation"'))
    throw new UserError(`${file} has the results of another test: choose another name than --id ${id}`)
}
