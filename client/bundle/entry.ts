/** Finds the file that users of a build load. */
import { dirname, relative, resolve } from 'node:path'
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild'
import { UserError } from '../../options/user-error'
import { territoryOf } from './confinement'

/**
 * The file that a bundler takes where code imports the build, in a `node_modules`, by its name: by its
 * folder's path, "exports" has no effect. `name`: how the user calls it. Throws UserError if there is no such
 * file.
 */
export async function entryOf(folder: string, name: string): Promise<string> {
  const modules = territoryOf(folder)
  let entry = ''
  const noteEntry: Plugin = {
    name: 'entry',
    setup(build) {
      build.onLoad({ filter: /.*/ }, ({ path }) => {
        entry = path
        return { contents: '' }
      })
    }
  }
  try {
    await build({
      absWorkingDir: folder,
      stdin: {
        contents: `export * from ${JSON.stringify(relative(modules, folder))}`,
        resolveDir: dirname(modules)
      },
      bundle: true,
      preserveSymlinks: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent',
      plugins: [noteEntry]
    })
  } catch (error) {
    const [reason] = (error as BuildFailure).errors[0]!.notes
    // What is wrong with "exports" has a place in package.json.
    if (reason?.location) throw cannotBundle(name, folder, reason)
    throw new UserError(
      `${name} is not a built package: the file that its package.json names as "module" or "main" does not exist. Build it first`
    )
  }
  return entry
}

/** One line about what is not bundled. `folder`: the file is named as seen from it; `from`: esbuild's own. */
export function cannotBundle(
  name: string,
  folder: string,
  { text, location }: Pick<Message, 'text' | 'location'>,
  from = folder
): UserError {
  const where = location && `${relative(folder, resolve(from, location.file))}, line ${location.line}: `
  return new UserError(`${name} cannot be bundled: ${where ?? ''}${text.replace(/:$/, '')}`)
}
