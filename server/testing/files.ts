/** Finds files in a server's results folder. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Path of a test's journal; undefined if it has none. */
export function journalOf(folder: string, id: string): string | undefined {
  const name = readdirSync(folder).find((name) => name.startsWith(`${id}.`) && name.endsWith('.journal'))
  return name === undefined ? undefined : join(folder, name)
}
