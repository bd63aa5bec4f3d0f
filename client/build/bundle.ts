/**
 * Bundles the page into a folder with `index.html` and `bundle.js`. As a script: `npx ts-node
 * client/build/bundle.ts --out FOLDER`.
 */
import { Command } from 'commander'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** A build of the peer library other than the one in package.json. */
export interface LibraryBuild {
  /** Folder where it is unpacked, with its dependencies. */
  folder: string
  /** npm's integrity hash, for the results' provenance. */
  integrity?: string
}

export interface PageBuild {
  outDir: string
  /** Builds that replace the `peer-layers` and `peer-islands` of package.json. */
  libraries?: { layers?: LibraryBuild; islands?: LibraryBuild }
  /** Entry point to bundle; the client's by default. */
  entry?: string
  plugins?: Plugin[]
}

const ROOT = resolve(__dirname, '../..')
const PAGE = join(ROOT, 'client/page')

/** Builds the page. Rejects with esbuild's BuildFailure, whose message names the file and line. */
export async function buildPage(page: PageBuild): Promise<void> {
  await copyPageFiles(page.outDir)
  await build(await bundleOptions(page))
}

export async function copyPageFiles(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true })
  await copyFile(join(PAGE, 'index.html'), join(outDir, 'index.html'))
}

/** esbuild's options for the page, for {@link buildPage} and for the development server's watch mode. */
export async function bundleOptions({ outDir, libraries, entry, plugins }: PageBuild): Promise<BuildOptions> {
  return {
    absWorkingDir: ROOT,
    entryPoints: [entry ?? join(PAGE, 'index.ts')],
    outfile: join(outDir, 'bundle.js'),
    bundle: true,
    // Bazel's files are symbolic links; their targets are outside any folder with node_modules.
    preserveSymlinks: true,
    format: 'iife',
    platform: 'browser',
    target: 'chrome110',
    sourcemap: true,
    // The libraries' function names show up in profiles.
    keepNames: false,
    minify: false,
    logLevel: 'silent',
    alias: {
      'peer-layers': libraries?.layers?.folder ?? folderOf('peer-layers'),
      'peer-islands': libraries?.islands?.folder ?? folderOf('peer-islands'),
      // The package's browser build includes shims for the Node modules that its sources import.
      'simple-peer': join(folderOf('simple-peer'), 'simplepeer.min.js'),
      // One copy for all builds of the library, because `long` must be wired into the copy they use
      // (long.ts).
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
