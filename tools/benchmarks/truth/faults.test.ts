import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { transformSync } from 'esbuild'
import { plant } from '../../../libraries/testing/planted-build'
import { planted, PLANTED_NAMES } from '../../../libraries/testing/planted-builds'
import { FAULTS, SOUND_BUILD } from './faults'

const folder = dirname(require.resolve('peer-layers/package.json'))
const bundle = readFileSync(join(folder, 'bundle.js'), 'utf8')

describe('Planted faults', () => {
  it('apply to the bundled build', () => {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    assert.equal(version, SOUND_BUILD.version)
  })

  for (const fault of [...FAULTS, ...PLANTED_NAMES.map(planted)]) {
    it(`find their place and leave a valid program: ${fault.name}`, () => {
      const changed = plant(bundle, fault)
      assert.notEqual(changed, bundle)
      transformSync(changed, { loader: 'js', format: 'esm' })
    })
  }

  it('are refused in another bundle', () =>
    assert.throws(() => plant('nothing', FAULTS[1]!), /Fault "cpu": its place occurs 0 times/))
})
