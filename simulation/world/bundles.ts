/** Bundles the page, as for the browser, and the Lighthouse. */
import { build, type BuildOptions } from 'esbuild'
import { join, resolve } from 'node:path'
import { bundleOptions } from '../../client/build/bundle'
import type { ChosenLibrary } from '../../libraries/library'

const ROOT = resolve(__dirname, '../..')

/** The bundle is a function body that returns its entry's exports: see sandbox.ts. */
const EXPORTED: BuildOptions = {
  format: 'iife',
  globalName: 'exported',
  footer: { js: 'return exported' },
  sourcemap: false,
  write: false
}

/** The code of the page with this build of the library: the browser's bundle, with a different entry. */
export async function bundlePage({ page }: Pick<ChosenLibrary, 'page'>): Promise<string> {
  const entry = join(__dirname, 'page-entry.ts')
  return codeOf({ ...(await bundleOptions({ ...page, outDir: ROOT, entry })), ...EXPORTED })
}

export async function bundleLighthouse(): Promise<string> {
  return codeOf({
    ...EXPORTED,
    absWorkingDir: ROOT,
    entryPoints: [join(__dirname, 'lighthouse-entry.ts')],
    bundle: true,
    preserveSymlinks: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent'
  })
}

/** The code of a worker thread that runs one simulation: a complete program. */
export function bundleWorker(): Promise<string> {
  return codeOf({
    absWorkingDir: ROOT,
    entryPoints: [join(__dirname, '../worker.ts')],
    bundle: true,
    preserveSymlinks: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    write: false,
    logLevel: 'silent'
  })
}

async function codeOf(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build(options)
  return outputFiles![0]!.text
}
