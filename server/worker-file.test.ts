import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from './testing/temporary-folder'
import { WorkerCalls } from './worker-file'

it('The calls of a worker that dies fail with its error, code included, and the next starts another', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'silent.js'),
    "require('node:worker_threads').parentPort.on('message', () => {})"
  )
  const calls = new WorkerCalls<object, object>(folder, 'silent')
  for (const number of [1, 2]) {
    const call = calls.call({ number })
    const worker = calls.worker!
    // As Node reports it.
    worker.emit('error', Object.assign(new Error('out of memory'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }))
    await assert.rejects(call, { message: 'out of memory', code: 'ERR_WORKER_OUT_OF_MEMORY' })
    assert.notEqual(calls.worker, worker)
    await worker.terminate()
  }
})
