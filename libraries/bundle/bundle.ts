/** A folder with the page's `index.html` and `bundle.js`: `npx tsx libraries/bundle/bundle.ts --help`. */
import { Command } from 'commander'
import type { BuildFailure, BuildOptions, Message, Plugin } from 'esbuild'
import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { fail } from '../../cli/command'
import { build } from '../../cli/esbuild'
import { UserError } from '../../cli/user-error'
import { GENERATIONS, type Generation } from '../../protocol/names'
import { CONFINEMENT, confine, territoryOf } from './confinement'
import { cannotBundle, entryOf, FOR_BROWSERS } from './entry'
import { dependenciesOf, ownDependencies } from './own-dependencies'
import { LOCK, lockedIntegrity, manifestOf, PAGE, pageModule, ROOT, suitesDependency } from './sources'

/** A build of the peer library other than the one in package.json. */
interface LibraryBuild {
  /** Folder where it is unpacked, with its dependencies. */
  folder: string
  /** How the user calls it. */
  name: string
  /** npm's integrity hash, for the results' provenance. */
  integrity?: string
}

type Libraries = Partial<Record<Generation, LibraryBuild>>

export interface PageBuild {
  outDir: string
  /** Builds that replace the `peer-layers` and `peer-islands` of package.json. */
  libraries?: Libraries
  /** Entry point to bundle; the client's by default. */
  entry?: string
  plugins?: Plugin[]
}

export async function buildPage(page: PageBuild): Promise<void> {
  // The library's code keeps its form: only names and blanks get shorter. The source map knows them all.
  const options = { ...(await bundleOptions(page)), minifyWhitespace: true, minifyIdentifiers: true }
  // First: it names a full disk in one line.
  await bundle(options, page.libraries)
  await copyPageFiles(page.outDir)
}

/** Rejects with a one-line UserError: which of `libraries` cannot be bundled, or the page; where, and why. */
export async function bundle(options: BuildOptions, libraries: Libraries = {}) {
  try {
    return await build(options)
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>
    throw errors ? explained(errors, libraries, options.absWorkingDir) : error
  }
}

function explained(errors: readonly Message[], libraries: Libraries, from = ''): UserError {
  const refusal = errors.find(({ pluginName }) => pluginName === CONFINEMENT)
  if (refusal) return new UserError(refusal.text)
  const [first] = errors as [Message, ...Message[]]
  const file = resolve(from, first.location?.file ?? '')
  const { name, folder } = Object.values(libraries).find((each) =>
    file.startsWith(territoryOf(each.folder) + sep)
  ) ?? { name: 'The page', folder: from }
  return cannotBundle(name, folder, first, from)
}

export async function copyPageFiles(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await copyFile(join(PAGE, 'index.html'), join(outDir, 'index.html'))
}

/** esbuild's options for the page, for {@link buildPage} and for the development server's watch mode. */
export async function bundleOptions({
  outDir,
  libraries = {},
  entry,
  plugins = []
}: PageBuild): Promise<BuildOptions> {
  const given = Object.fromEntries(
    Object.entries(libraries).map(([generation, { folder }]) => [`peer-${generation}`, folder])
  )
  const isForeign = Object.keys(given).length > 0
  const shared = ['simple-peer', 'protobufjs'].map(suitesDependency)
  return {
    ...FOR_BROWSERS,
    absWorkingDir: ROOT,
    entryPoints: [entry ?? pageModule('client/index')],
    outfile: join(outDir, 'bundle.js'),
    format: 'iife',
    target: 'chrome110',
    sourcemap: true,
    ...(await importsOf(libraries)),
    // It looks at each import, which doubles the time.
    plugins: [...(isForeign ? [confine(given, shared)] : []), ...plugins, ownDependencies()]
  }
}

/** Where the page finds the builds, and what the results say about them. */
async function importsOf(libraries: Libraries): Promise<Pick<BuildOptions, 'alias' | 'define'>> {
  const alias: Record<string, string> = {}
  const builds: Partial<Record<Generation, object>> = {}
  for (const generation of GENERATIONS) {
    const imported = `peer-${generation}`
    const given = libraries[generation]
    const folder = given?.folder ?? suitesDependency(imported)
    alias[imported] = await entryOf(folder, given?.name ?? imported)
    const { name, version } = await manifestOf(folder)
    const used = await dependenciesOf(folder)
    builds[generation] = {
      name,
      version,
      generation,
      integrity: given ? given.integrity : await lockedIntegrity(LOCK, imported),
      dependencies: Object.fromEntries(
        used.map((each) => [each.name, each.isReplaced ? `${each.version} (the suite's)` : each.version])
      )
    }
  }
  return { alias, define: { PEER_LIBRARY_BUILDS: JSON.stringify(builds) } }
}

if (require.main === module) {
  const program = new Command('build')
    .description('Bundles the client page: index.html and bundle.js.')
    .option('--out <folder>', 'where to', join('build', 'client'))
    .action(async ({ out }: { out: string }) => {
      await buildPage({ outDir: resolve(out) })
      console.log(`The page is in ${out}`)
    })
  program.parseAsync().catch(fail)
}
