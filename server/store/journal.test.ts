import assert from 'node:assert/strict'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, mock, type TestContext } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'

const failure = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
const record = (number: number) => [Buffer.from(`{"point":${number}`)]

/** Makes these operations fail on all open files until the returned function is called. */
async function failing(t: TestContext, ...operations: ('datasync' | 'truncate')[]): Promise<() => void> {
  const handle = await open(__filename)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const mocks = operations.map((operation) => mock.method(prototype, operation, failure))
  const restore = () => {
    for (const each of mocks) each.mock.restore()
  }
  t.after(restore)
  return restore
}

describe('a journal on a failing disk', () => {
  for (const operations of [['datasync'], ['datasync', 'truncate']] as const)
    it(`keeps only acknowledged lines if ${operations.join(' and ')} fail`, async (t) => {
      const path = join(temporaryFolder(), 'a.journal')
      const journal = await Journal.create(path, { durability: 'fsync', ensureHeld: () => Promise.resolve() })
      await journal.append([Buffer.from(record(1)[0]!)])
      const restore = await failing(t, ...operations)
      await assert.rejects(journal.append([...record(2)]), /EIO/)
      restore()
      const end = await journal.append([...record(3)])
      await journal.close()
      const text = await readFile(path, 'utf8')
      assert.deepEqual(
        [...text.matchAll(/"point":(\d)/g)].map(([, number]) => number),
        ['1', '3']
      )
      assert.equal(end, text.length)
    })
})
