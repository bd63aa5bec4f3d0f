import { relative, resolve } from 'node:path'
import type { Message } from 'esbuild'
import { UserError } from '../../options/user-error'

/**
 * One line about what is not bundled, for esbuild's report.
 *
 * @param folder the file is named as seen from here
 * @param from where esbuild's own paths start
 */
export function cannotBundle(
  name: string,
  folder: string,
  { text, location }: Pick<Message, 'text' | 'location'>,
  from = folder
): UserError {
  const where = location && `${relative(folder, resolve(from, location.file))}, line ${location.line}: `
  return new UserError(`${name} cannot be bundled: ${where ?? ''}${text.replace(/:$/, '')}`)
}
