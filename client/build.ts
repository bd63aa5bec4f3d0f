/** Bundles the page: a folder with `index.html` and `bundle.js`. As a script: `npx ts-node client/build.ts --out FOLDER`. */
import { Command } from 'commander'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** A build of the peer library that is not the one of package.json. */
export interface LibraryBuild {
  /** Where it is unpacked, with its dependencies. */
  folder: string
  /** npm's integrity hash, for the results' provenance. */
  integrity?: string
}

export interface PageBuild {
  outDir: string
  /** Builds that take the place of the package.json's `peer-layers` and `peer-islands`. */
  libraries?: { layers?: LibraryBuild; islands?: LibraryBuild }
  /** What to bundle; the client's entry by default. */
  entry?: string
  plugins?: Plugin[]
}

const ROOT = resolve(__dirname, '..')
const CLIENT = join(ROOT, 'client')

/** Builds the page. Rejects with esbuild's BuildFailure, whose message names file and line. */
export async function buildPage(page: PageBuild): Promise<void> {
  await copyPageFiles(page.outDir)
  await build(await bundleOptions(page))
}

export async function copyPageFiles(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await copyFile(join(CLIENT, 'index.html'), join(outDir, 'index.html'))
}

/** How esbuild bundles the page, for {@link buildPage} and for the development server that watches. */
export async function bundleOptions({ outDir, libraries, entry, plugins }: PageBuild): Promise<BuildOptions> {
  return {
    absWorkingDir: ROOT,
    entryPoints: [entry ?? join(CLIENT, 'index.ts')],
    outfile: join(outDir, 'bundle.js'),
    bundle: true,
    // Bazel's files are links to where no node_modules is.
    preserveSymlinks: true,
    format: 'iife',
    platform: 'browser',
    target: 'chrome110',
    sourcemap: true,
    // The libraries' names of functions show in profiles.
    keepNames: false,
    minify: false,
    logLevel: 'silent',
    alias: {
      'peer-layers': libraries?.layers?.folder ?? folderOf('peer-layers'),
      'peer-islands': libraries?.islands?.folder ?? folderOf('peer-islands'),
      // The package's browser build brings the shims of Node's modules that its sources import.
      'simple-peer': join(folderOf('simple-peer'), 'simplepeer.min.js'),
      // One copy for all builds of the library, because `long` must be wired into the copy they use (long.ts).
      protobufjs: folderOf('protobufjs')
    },
    define: { PEER_LIBRARY_INTEGRITY: JSON.stringify(await integrities(libraries)) },
    plugins: plugins ?? []
  }
}

function folderOf(packageName: string): string {
  return join(ROOT, 'node_modules', packageName)
}

interface Lock {
  packages: Record<string, { integrity?: string } | undefined>
}

async function integrities(libraries: PageBuild['libraries']): Promise<Record<string, string | undefined>> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as Lock
  const integrityOf = (name: string, given: LibraryBuild | undefined) =>
    given ? given.integrity : lock.packages[`node_modules/${name}`]?.integrity
  return {
    layers: integrityOf('peer-layers', libraries?.layers),
    islands: integrityOf('peer-islands', libraries?.islands)
  }
}

if (require.main === module) {
  const program = new Command('build')
    .description('Bundles the client page: index.html and bundle.js.')
    .option('--out <folder>', 'where to', join('build', 'client'))
    .action(async ({ out }: { out: string }) => {
      await buildPage({ outDir: resolve(out) })
      console.log(`The page is in ${out}`)
    })
  program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
