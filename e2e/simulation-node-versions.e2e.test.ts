import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { promisify } from 'node:util'
import { runElsewhere } from '../simulation/testing/run-elsewhere'

const MAJOR = process.version.startsWith('v22.') ? '24' : '22'
/** An npm package that contains only the node executable. */
const OTHER_NODE = `node-${process.platform}-${process.arch}`

it('Another version of Node, with a heap of another size, simulates a seed identically, byte for byte', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'other-node-'))
  try {
    await writeFile(join(folder, 'package.json'), '{"private":true}')
    const what = `${OTHER_NODE}@${MAJOR}`
    await promisify(execFile)('npm', ['install', '--no-save', '--ignore-scripts', what], { cwd: folder })
    const other = await runElsewhere(join(folder, 'node_modules', OTHER_NODE, 'bin/node'))
    const own = await runElsewhere(process.execPath, ['--max-semi-space-size=1'])
    assert.ok(other.node.startsWith(`v${MAJOR}.`), other.node)
    assert.notEqual(own.node, other.node)
    assert.deepEqual({ ...other, node: own.node }, own)
    assert.ok(own.packets > 1000, `${own.packets}`)
  } finally {
    await rm(folder, { recursive: true })
  }
})
