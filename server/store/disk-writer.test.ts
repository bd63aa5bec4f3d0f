import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { ChunkBuilder } from './chunk-builder'
import { writeToDisk } from './disk-writer'

const path = () => join(temporaryFolder(), 'document')

/** Chunks as a document is made of, from buffers that are used again. */
async function* chunksOf(text: string, times: number): AsyncGenerator<Buffer> {
  const builder = new ChunkBuilder()
  for (let index = 0; index < times; index++) {
    yield* builder.takeFull()
    const line = `${index} ${text}\n`
    if (index % 2 === 0) builder.write(line)
    else builder.copy(Buffer.from(line), 0, Buffer.byteLength(line))
    if (index % 50 === 0) await new Promise(setImmediate)
  }
  yield* builder.takeRest()
}

describe('a large file', () => {
  for (const [what, text, times] of [
    ['beyond several syncs', 'x'.repeat(100_000), 1_500],
    ['in parts larger than a chunk', '漢'.repeat(700_000), 5]
  ] as const)
    it(`is written as it is made, ${what}`, async () => {
      const target = path()
      await writeToDisk(target, chunksOf(text, times))
      const expected = createHash('sha256')
      for (let index = 0; index < times; index++) expected.update(`${index} ${text}\n`)
      assert.equal(
        createHash('sha256')
          .update(await readFile(target))
          .digest('hex'),
        expected.digest('hex')
      )
      await rm(target)
    })

  it('may be empty', async () => {
    const target = path()
    await writeToDisk(target, chunksOf('', 0))
    assert.equal(await readFile(target, 'utf8'), '')
  })

  it('replaces no other', async () => {
    const target = path()
    await writeFile(target, 'mine')
    await assert.rejects(writeToDisk(target, chunksOf('x', 3)), { code: 'EEXIST' })
    assert.equal(await readFile(target, 'utf8'), 'mine')
  })

  it('fails with its chunks', async () => {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield* chunksOf('x'.repeat(1_000_000), 5)
      throw new Error('unreadable')
    }
    await assert.rejects(writeToDisk(path(), chunks()), /unreadable/)
  })

  for (const [which, chunks] of [
    ['a sync on the way', 800],
    ['the last sync', 1]
  ] as const)
    it(`fails if ${which} fails`, async (t) => {
      const handle = await open(__filename)
      const prototype = Object.getPrototypeOf(handle) as FileHandle
      await handle.close()
      const failure = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
      const { mock } = t.mock.method(prototype, 'datasync', failure, { times: 1 })
      await assert.rejects(writeToDisk(path(), chunksOf('x'.repeat(100_000), chunks)), { code: 'EIO' })
      assert.ok(mock.callCount() > 0)
    })
})
