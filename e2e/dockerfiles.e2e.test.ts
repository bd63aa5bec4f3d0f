import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { build } from 'esbuild'
import { PROGRAMS } from '../deploy/docker/bundle'

const ROOT = join(__dirname, '..')
/** What the images bundle: their programs, and their pages. */
const ENTRY_POINTS = [
  ...Object.values(PROGRAMS).flatMap((programs) => Object.values(programs)),
  ...['deploy/docker/page.ts', 'client/index.ts', 'dashboard/build.ts', 'dashboard/main.tsx']
]

it('.dockerignore lets what the images bundle into the build', async () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const missing = (await foldersOf(ENTRY_POINTS)).filter(
    (folder) => !allowed.some((path) => isWithin(path, folder))
  )
  assert.deepEqual(missing, [])
})

/** Top-level names of everything that the entry points import. */
async function foldersOf(entryPoints: string[]): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints,
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent'
  })
  return [...new Set(Object.keys(metafile.inputs).map((path) => path.split('/')[0]!))].sort()
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)
