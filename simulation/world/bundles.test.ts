import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { copyInstalled, markDependencies } from '../../libraries/testing/installed-build'
import { bundlePage } from './bundles'

it('A simulated build runs with its own simple-peer and protobufjs', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'simulated-dependencies-'))
  t.after(() => rm(root, { recursive: true }))
  const modules = join(root, 'node_modules')
  const folder = await copyInstalled(modules)
  await markDependencies(modules)
  const code = await bundlePage({ page: { libraries: { layers: { folder } } } })
  assert.match(code, /OWN_SIMPLE_PEER/)
  assert.match(code, /OWN_PROTOBUFJS/)
})
