/**
 * Bundles the dashboard into a folder with index.html, dashboard.js and dashboard.css, which the results
 * server serves at /.
 * As a script: `npx tsx dashboard/build.ts --out FOLDER`; it prints the sizes.
 */
import { Command } from 'commander'
import { build, type Metafile } from 'esbuild'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export interface DashboardBuild {
  outDir: string
  /** What to bundle; dashboard/main.tsx by default. */
  entry?: string
}

export const DASHBOARD_FILES = ['index.html', 'dashboard.js', 'dashboard.css'] as const

/**
 * Builds the dashboard, and returns what it is made of. Rejects with esbuild's BuildFailure, whose message
 * names the file and line.
 */
export async function buildDashboard({ outDir, entry }: DashboardBuild): Promise<Metafile> {
  await mkdir(outDir, { recursive: true })
  await copyFile(join(__dirname, 'index.html'), join(outDir, 'index.html'))
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: resolve(__dirname, '..'),
    entryPoints: { dashboard: entry ?? join(__dirname, 'main.tsx') },
    outdir: outDir,
    bundle: true,
    // Bazel runs this through symbolic links; node_modules is next to the links, not next to their targets.
    preserveSymlinks: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome119', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent'
  })
  return metafile
}

/** Size in bytes of each file of a build, uncompressed and gzipped. */
export async function sizesOf(folder: string): Promise<{ file: string; bytes: number; gzipped: number }[]> {
  return Promise.all(
    DASHBOARD_FILES.map(async (file) => {
      const content = await readFile(join(folder, file))
      return { file, bytes: content.length, gzipped: (await promisify(gzip)(content)).length }
    })
  )
}

async function main(out: string, entry: string): Promise<void> {
  await buildDashboard({ outDir: resolve(out), entry: resolve(entry) })
  const sizes = await sizesOf(out)
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  for (const { file, bytes, gzipped } of sizes) {
    console.log(
      `${file.padEnd(14)} ${kilobytes(bytes).padStart(9)}, gzipped ${kilobytes(gzipped).padStart(8)}`
    )
  }
  const total = sizes.reduce((sum, { gzipped }) => sum + gzipped, 0)
  console.log(`The dashboard is in ${out}: ${kilobytes(total)} gzipped`)
}

if (require.main === module) {
  const program = new Command('build')
    .description('Bundles the dashboard: index.html, dashboard.js and dashboard.css.')
    .option('--out <folder>', 'where to', join('build', 'dashboard'))
    .option('--entry <file>', 'what to bundle, e.g. the output of a compiler', join(__dirname, 'main.tsx'))
    .action(({ out, entry }: { out: string; entry: string }) => main(out, entry))
  program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
