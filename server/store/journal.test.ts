import assert from 'node:assert/strict'
import { open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, mock, type TestContext } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { isSealed } from './counted-lines'

/** Every operation that a commit awaits, and that of the cut that follows a failure. */
type Operation = 'write' | 'half of a write' | 'datasync' | 'truncate'

const failure = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
const record = (number: number) => [Buffer.from(`{"point":${number}`)]

/** Makes these operations fail until the returned function is called. */
async function plant(t: TestContext, faults: readonly Operation[]): Promise<() => void> {
  const handle = await open(__filename)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const stopHalfWay = async function (this: FileHandle, buffer: Buffer, offset: number, length: number) {
    await this.writev([buffer.subarray(offset, offset + Math.floor(length / 2))])
    return failure()
  }
  const mocks = faults.map((operation) =>
    operation === 'half of a write'
      ? mock.method(prototype, 'write', stopHalfWay as never)
      : mock.method(prototype, operation, failure)
  )
  const mend = () => {
    for (const each of mocks) each.mock.restore()
  }
  t.after(mend)
  return mend
}

const PLANTED: Operation[][] = [
  ['write'],
  ['half of a write'],
  ['datasync'],
  ['write', 'truncate'],
  ['half of a write', 'truncate'],
  ['datasync', 'truncate']
]

describe('a journal on a failing disk', () => {
  for (const isReopened of [false, true])
    for (const faults of PLANTED)
      it(`loses and doubles nothing if ${faults.join(' and ')} fail${isReopened ? ', reopened' : ''}`, async (t) => {
        const path = join(temporaryFolder(), 'a.journal')
        let journal = await Journal.create(path, 'fsync')
        const first = await journal.append(record(1))
        if (isReopened) {
          await journal.close()
          journal = await Journal.reopen(path, 'fsync', first, 1)
        }
        const mend = await plant(t, faults)
        await assert.rejects(journal.append(record(2)), { code: 'EIO' })
        mend()
        await journal.append(record(2))
        const end = await journal.append(record(3))
        assert.equal(journal.committedLength, end)
        await journal.close()
        const text = await readFile(path, 'utf8')
        const lines = text.split('\n').slice(0, -1)
        assert.deepEqual(
          lines
            .map((line) => JSON.parse(line) as { point: number; n: number })
            .map(({ point, n }) => [point, n]),
          [
            [1, 0],
            [2, 1],
            [3, 2]
          ]
        )
        assert.ok(lines.every((line) => isSealed(Buffer.from(line))))
        assert.equal(end, text.length)
      })
})

it('acknowledges nothing once its journal was removed', async () => {
  const path = join(temporaryFolder(), 'a.journal')
  const journal = await Journal.create(path, 'fsync')
  await journal.append(record(1))
  await rm(path)
  await assert.rejects(journal.append(record(2)), new RegExp(`${path} was removed: delete the test`))
  await journal.close()
})
