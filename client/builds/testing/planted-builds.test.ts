import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { transformSync } from 'esbuild'
import { plant } from './planted-build'
import { planted, PLANTED_NAMES } from './planted-builds'

const bundle = readFileSync(require.resolve('peer-layers/bundle.js'), 'utf8')

describe('planted builds', () => {
  for (const name of PLANTED_NAMES)
    it(`find their place and leave a valid program: ${name}`, () => {
      const changed = plant(bundle, planted(name))
      assert.notEqual(changed, bundle)
      transformSync(changed, { loader: 'js', format: 'esm' })
    })
})
