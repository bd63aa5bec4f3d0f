import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { build } from 'esbuild'
import { PROGRAMS } from '../deploy/docker/programs'

const ROOT = join(__dirname, '..')
/** What each image bundles: its programs, and its page if it has one. */
const IMAGES = {
  clientRunner: [...PROGRAMS.client!, 'deploy/docker/page.ts', 'client/page/index.ts'],
  lighthouse: PROGRAMS.lighthouse!,
  resultsServer: [...PROGRAMS.server!, 'dashboard/build.ts', 'dashboard/main.tsx']
}

describe('the Dockerfiles', () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))

  for (const [image, entryPoints] of Object.entries(IMAGES)) {
    it(`${image} copies what it bundles, and only what .dockerignore lets into the build`, async () => {
      const copied = sourcesOf(image)
      assert.deepEqual(
        copied.filter((path) => !allowed.includes(path)),
        []
      )
      assert.deepEqual(
        (await foldersOf(entryPoints)).filter((folder) => !copied.some((path) => isWithin(path, folder))),
        []
      )
    })
  }
})

function sourcesOf(image: string): string[] {
  const dockerfile = readFileSync(join(ROOT, `${image}.Dockerfile`), 'utf8')
  return [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '))
}

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
