/** Finds the file that users of a build load. */
import { dirname, relative, resolve } from 'node:path'
import type { BuildFailure, Message, Plugin } from 'esbuild'
import { build } from '../../cli/esbuild'
import { printable } from '../../cli/printable'
import { UserError } from '../../cli/user-error'
import { territoryOf } from './confinement'

/** esbuild's options for code that runs in browsers. */
export const FOR_BROWSERS = {
  bundle: true,
  // Bazel's files are symbolic links; their targets are outside any folder with node_modules.
  preserveSymlinks: true,
  platform: 'browser',
  logLevel: 'silent'
} as const

/**
 * The file that a bundler takes where code imports the build by its name: by its folder's path, "exports" has
 * no effect. `name`: how the user calls it. Throws UserError if there is no such file.
 */
export async function entryOf(folder: string, name: string): Promise<string> {
  const modules = territoryOf(folder)
  const contents = `export * from ${JSON.stringify(relative(modules, folder))}`
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
      ...FOR_BROWSERS,
      absWorkingDir: folder,
      stdin: { contents, resolveDir: dirname(modules) },
      format: 'esm',
      write: false,
      plugins: [noteEntry]
    })
  } catch (error) {
    if (!(error as Partial<BuildFailure>).errors) throw error
    const [reason] = (error as BuildFailure).errors[0]!.notes
    // What is wrong with "exports" has a place in package.json.
    if (reason?.location) throw cannotBundle(name, folder, reason)
    throw new UserError(
      `${name} is not a built package: the file that its package.json names as "module" or "main" does not exist. Build it first; a commit, by --build or --run`
    )
  }
  return entry
}

/** One line about what is not bundled. `folder`: the file is named as seen from it; `from`: esbuild's. */
export function cannotBundle(
  name: string,
  folder: string,
  { text, location }: Pick<Message, 'text' | 'location'>,
  from = folder
): UserError {
  const where = location && `${relative(folder, resolve(from, location.file))}, line ${location.line}: `
  return new UserError(`${name} cannot be bundled: ${printable((where ?? '') + text.replace(/:$/, ''))}`)
}
