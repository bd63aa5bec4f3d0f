/**
 * Bundles the dashboard into a folder with index.html, dashboard.js and dashboard.css, which the results
 * server serves at /, and which a report embeds.
 * As a script: `npx tsx dashboard/build.ts --out FOLDER`.
 */
import { Command } from 'commander'
import type { Metafile } from 'esbuild'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fail } from '../cli/command'
import { build } from '../cli/esbuild'
import { temporaryFolder } from '../cli/temporary-folder'
import { UserError } from '../cli/user-error'

const MAIN = join(__dirname, 'main.tsx')

/** Returns what the bundle is made of. Rejects with esbuild's BuildFailure, which names the file and line. */
export async function buildDashboard({
  outDir,
  entry = MAIN
}: {
  outDir: string
  entry?: string
}): Promise<Metafile> {
  await mkdir(outDir, { recursive: true })
  await copyFile(join(__dirname, 'index.html'), join(outDir, 'index.html'))
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: resolve(__dirname, '..'),
    entryPoints: { dashboard: entry },
    outdir: outDir,
    bundle: true,
    // Bazel runs this through symbolic links; node_modules is next to the links, not next to their targets.
    preserveSymlinks: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome119', 'firefox124', 'safari17.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent'
  })
  return metafile
}

/** In the package, beside the program. */
const READY = join(__dirname, 'dashboard')

/** Built in a checkout, ready in the package. `close` removes what was built. */
export async function buildOwnDashboard(): Promise<{ folder: string; close: () => Promise<void> }> {
  if (existsSync(READY)) return { folder: READY, close: () => Promise.resolve() }
  const folder = await temporaryFolder('dashboard-')
  const close = () => rm(folder, { recursive: true, force: true })
  try {
    await buildDashboard({ outDir: folder })
    return { folder, close }
  } catch (error) {
    await close()
    if (error instanceof UserError) throw error
    // The disk may be full.
    const reason = (error as Error).message.trim().split('\n').at(-1)!
    throw new UserError(`The dashboard cannot be bundled: ${reason}`)
  }
}

if (require.main === module) {
  const program = new Command('build')
    .description('Bundles the dashboard: index.html, dashboard.js and dashboard.css.')
    .option('--out <folder>', 'where to', join('build', 'dashboard'))
    .option('--entry <file>', 'what to bundle, e.g. the output of a compiler', MAIN)
    .action(async ({ out, entry }: { out: string; entry: string }) => {
      await buildDashboard({ outDir: resolve(out), entry: resolve(entry) })
      console.log(`The dashboard is in ${out}`)
    })
  program.parseAsync().catch(fail)
}
