/** Which options a build accepts according to its types, so that a misspelt one is rejected, not ignored. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suitesDependency } from './bundle/sources'
import { UserError } from '../cli/user-error'
import { nearest } from '../protocol/nearest'

/** Names of the constructor's options, from the package's type declarations; null if it has none. */
export async function knownOptions(folder: string): Promise<string[] | null> {
  for (const file of await declarationsIn(folder)) {
    const names = optionNames(await readFile(file, 'utf8'))
    if (names.length > 0) return names
  }
  return null
}

export function knownOptionsOfBundled(generation: 'layers' | 'islands'): Promise<string[] | null> {
  return knownOptions(suitesDependency(`peer-${generation}`))
}

/** The fields of the type PeerConfig, which all generations use; empty if the text does not declare it. */
export function optionNames(declarations: string): string[] {
  const [, body] = /\bPeerConfig\b(?:\s*=\s*|\s+)\{([\s\S]*)/.exec(declarations) ?? []
  if (body === undefined) return []
  const names: string[] = []
  let depth = 1
  for (const line of body.split('\n')) {
    const [, name] = /^\s*(\w+)\??\s*:/.exec(line) ?? []
    if (depth === 1 && name !== undefined) names.push(name)
    depth += (line.match(/\{/g) ?? []).length - (line.match(/\}/g) ?? []).length
    if (depth < 1) break
  }
  return names
}

async function declarationsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.slice(folder.length).includes('node_modules'))
    .sort()
}

/**
 * Throws UserError for an option that is not `known` (null: the build declares none), and suggests a similar
 * one. `allow`: what the user can add to pass it anyway.
 */
export function refuseUnknownOptions(
  build: string,
  options: Readonly<Record<string, unknown>> = {},
  known: readonly string[] | null,
  allow = '--allow-unknown-options'
): void {
  for (const name of Object.keys(options)) {
    if (known?.includes(name)) continue
    const anyway = `To pass it anyway: ${allow}`
    if (known === null)
      throw new UserError(
        `"${build}": this build does not declare its options, so "${name}" can't be checked. ${anyway}`
      )
    const [similar] = nearest(name, known)
    const hint = similar === undefined ? `It knows ${known.join(', ')}.` : `Did you mean "${similar}"?`
    throw new UserError(`"${build}" has no option "${name}". ${hint} ${anyway}`)
  }
}
