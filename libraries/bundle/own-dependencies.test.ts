import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { copyInstalled, markDependencies } from '../testing/installed-build'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { bundle, bundleOptions } from './bundle'
import { dependenciesOf } from './own-dependencies'

describe('the dependencies of a build', () => {
  const modules = join(temporaryFolder(), 'node_modules')
  let folder: string

  before(async () => {
    folder = await copyInstalled(modules)
  })

  async function code(): Promise<string> {
    const options = await bundleOptions({ outDir: modules, libraries: { layers: { folder, name: 'mine' } } })
    const { outputFiles } = await bundle({ ...options, sourcemap: false, write: false })
    return outputFiles!.find(({ path }) => path.endsWith('.js'))!.text
  }

  it('share the page’s protobufjs if it is equal', async () =>
    assert.equal(copiesOf('/protobufjs/src/reader.js', await code()), 1))

  it('are its own if they differ', async () => {
    await markDependencies(modules)
    const manifest = join(modules, 'simple-peer/package.json')
    const text = JSON.parse(await readFile(manifest, 'utf8')) as object
    await writeFile(manifest, JSON.stringify({ ...text, version: '9.99.0' }))

    const page = await code()
    assert.match(page, /OWN_SIMPLE_PEER/)
    assert.match(page, /OWN_PROTOBUFJS/)
    assert.match(page, /"simple-peer": ?"9\.99\.0"/, 'recorded')
    // The page's messages, and the other generation, keep the suite's.
    assert.equal(copiesOf('/protobufjs/src/reader.js', page), 2)
    assert.equal(page.match(/\w+ === "long" \? require_\w+\(\) : null/g)?.length, 2, 'both know long')
  })

  it('are those of the suite if it comes without, and the results say so', async () => {
    await rm(join(modules, 'simple-peer'), { recursive: true })
    const [peer, protobuf] = await dependenciesOf(folder)
    assert.deepEqual([peer!.isReplaced, protobuf!.isReplaced], [true, false])
    const page = await code()
    assert.doesNotMatch(page, /OWN_SIMPLE_PEER/)
    assert.match(page, /"simple-peer": ?"9\.\d+\.\d+ \(the suite's\)"/)
  })
})

/** esbuild writes the path of each file above its code. */
function copiesOf(file: string, text: string): number {
  return text.split('\n').filter((line) => line.startsWith('  // ') && line.endsWith(file)).length
}
