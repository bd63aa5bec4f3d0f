/** How the user names a build of the peer library: `name@version`, `file:../folder`, or one of the two that come along. */
import { resolve } from 'node:path'
import { UserError } from '../../runner/user-error'

export type LibrarySpecification =
  | { kind: 'bundled'; generation: 'layers' | 'islands' }
  | { kind: 'published'; name: string; version: string }
  | { kind: 'folder'; path: string }

export const LIBRARY_HELP =
  'build of the peer library: layers, islands, name@version (e.g. decentraland-katalyst-peer@0.2.17) or file:../folder'

/** Exact versions alone: a range would name another build tomorrow. */
const PUBLISHED = /^((?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*)@(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/

/** Throws UserError where it is none of the four forms. A folder is taken relative to the current one. */
export function parseLibrary(text: string): LibrarySpecification {
  if (text === 'layers' || text === 'islands') return { kind: 'bundled', generation: text }
  if (text.startsWith('file:')) return { kind: 'folder', path: resolve(text.slice('file:'.length)) }
  const [, name, version] = PUBLISHED.exec(text) ?? []
  if (name === undefined || version === undefined) {
    throw new UserError(
      `"${text}" names no peer library: write layers, islands, name@1.2.3 (an exact version) or file:../folder`
    )
  }
  return { kind: 'published', name, version }
}
