/** How the user names a build: `name@version`, short `layers@version`, `file:../folder`, or a bundled one. */
import { resolve } from 'node:path'
import { UserError } from '../cli/user-error'
import { GENERATIONS, type Generation } from '../protocol/names'

export type LibrarySpecification =
  | { kind: 'bundled'; generation: Generation }
  | { kind: 'published'; name: string; version: string }
  | { kind: 'folder'; path: string }

/** The names that npm allows for new packages. Excludes anything npm could take for an option or a URL. */
export const PACKAGE_NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/

/** Only exact versions: a range could mean a different build tomorrow. */
const PUBLISHED = /^((?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*)@(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/

/** Throws UserError if it is none of these forms. A folder is relative to the current directory. */
export function parseLibrary(text: string): LibrarySpecification {
  const generation = GENERATIONS.find((each) => each === text)
  if (generation !== undefined) return { kind: 'bundled', generation }
  if (text.startsWith('file:')) return { kind: 'folder', path: resolve(text.slice('file:'.length)) }
  const [, name, version] = PUBLISHED.exec(expandAlias(text)) ?? []
  if (name === undefined || version === undefined)
    throw new UserError(
      `"${text}" names no peer library: write layers, islands, name@1.2.3 (an exact version) or file:../folder`
    )
  return { kind: 'published', name, version }
}

const PACKAGES: Record<Generation, string> = {
  layers: 'decentraland-katalyst-peer',
  islands: '@dcl/catalyst-peer'
}

/** Expands `layers@0.2.17` to decentraland-katalyst-peer@0.2.17, for example. */
export function expandAlias(text: string): string {
  return text.replace(/^(layers|islands)(?=@.)/, (alias) => PACKAGES[alias as Generation])
}
