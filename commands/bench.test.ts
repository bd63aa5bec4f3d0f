import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'
import { peerPerf } from '../tools/testing/program'

it('npx peer-perf bench statistics prints its tables', async () => {
  const args = [await peerPerf(), 'bench', 'statistics', '--trials', '2', '--gates', '1']
  const printed = execFileSync(process.execPath, args, { cwd: join(__dirname, '..'), encoding: 'utf8' })
  assert.ok(printed.match(/^### /gm)!.length >= 3, printed)
  assert.match(printed, /^### The gate, up to 24 blocks/m)
})
