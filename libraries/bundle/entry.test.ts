import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { detectGeneration } from '../generation'
import { bundle, bundleOptions } from './bundle'
import { entryOf } from './entry'
import { suitesDependency } from './sources'

/** What is in each file: the generation that its names tell. */
const FILES = {
  'bundle.js': { generation: 'D', code: 'export const buildCatalystPeerStatsData = 0, setLayer = 0' },
  'legacy.js': { generation: 'C', code: 'exports.fullyConnectedPeerIds = exports.setLayer = 0' }
} as const

describe('a build is the file that a bundler takes for its name', () => {
  const root = temporaryFolder()
  const folder = join(root, 'node_modules/@some/peer')

  before(async () => {
    await mkdir(folder, { recursive: true })
    for (const [file, { code }] of Object.entries(FILES))
      await writeFile(join(folder, file), `${code}; console.log('entry: ${file}')`)
  })

  const write = (manifest: object) =>
    writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: '@some/peer', version: '1.0.0', ...manifest })
    )

  const main = 'legacy.js'
  const manifests: [manifest: object, file: keyof typeof FILES][] = [
    [{ main }, 'legacy.js'],
    [{ main, module: 'bundle.js' }, 'bundle.js'],
    [{ main, browser: 'bundle.js' }, 'bundle.js'],
    [{ main, sideEffects: false }, 'legacy.js'],
    [{ main, exports: './bundle.js' }, 'bundle.js'],
    [{ main, exports: { import: './bundle.js', require: './legacy.js' } }, 'bundle.js'],
    [{ main, exports: { '.': { import: './bundle.js', require: './legacy.js' } } }, 'bundle.js'],
    [{ main: null, exports: { '.': { import: './bundle.js' } } }, 'bundle.js'],
    [
      { exports: { node: './legacy.js', browser: { require: './legacy.js', import: './bundle.js' } } },
      'bundle.js'
    ],
    [{ module: 'bundle.js', exports: { require: './bundle.js', default: './legacy.js' } }, 'legacy.js']
  ]
  for (const [manifest, file] of manifests)
    it(JSON.stringify(manifest), async () => {
      await write(manifest)
      assert.equal((await detectGeneration(folder)).name, FILES[file].generation)
      const options = await bundleOptions({ outDir: root, libraries: { layers: { folder, name: 'mine' } } })
      const { outputFiles } = await bundle({ ...options, sourcemap: false, write: false })
      const said = outputFiles![0]!.text.match(/entry: [\w.]+/g)
      assert.deepEqual(said, [`entry: ${file}`])
      assert.ok(/\bname"?: "@some\/peer"/.test(outputFiles![0]!.text), 'its name is recorded')
    })
})

describe('of a published build', () => {
  for (const [name, file] of [
    ['peer-layers', 'bundle.js'],
    ['peer-islands', 'dist/index.js']
  ] as const)
    it(`${name} it is what "main" names`, async () => {
      const folder = suitesDependency(name)
      assert.equal(await entryOf(folder, name), join(folder, file))
    })
})
