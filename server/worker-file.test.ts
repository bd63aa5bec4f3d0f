import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from './testing/temporary-folder'
import { WorkerCalls } from './worker-file'

it('The calls of a worker that dies fail with its error, code included, and the next starts another', async () => {
  const folder = temporaryFolder()
  const dies = "throw Object.assign(new Error('out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })"
  const program = `require('node:worker_threads').parentPort.on('message', () => { ${dies} })`
  writeFileSync(join(folder, 'dies.js'), program)
  const calls = new WorkerCalls<object, object>(folder, 'dies')
  for (const call of [1, 2])
    await assert.rejects(calls.call({ call }), { message: 'out of memory', code: 'ERR_WORKER_OUT_OF_MEMORY' })
})
