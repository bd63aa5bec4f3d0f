import assert from 'node:assert/strict'
import { open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, mock, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { isSealed, sealOf } from './counted-lines'

/** Every operation that a commit awaits, and that of the cut that follows a failure. */
type Operation = 'write' | 'half of a write' | 'datasync' | 'truncate'

function numbersOf(line: string): [point: number, line: number] {
  const { point, n } = JSON.parse(line) as { point: number; n: number }
  return [point, n]
}

async function failure(): Promise<never> {
  await setImmediate()
  throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
}
const record = (number: number) => [Buffer.from(`{"point":${number}`)]

async function prototypeOf(): Promise<FileHandle> {
  const handle = await open(__filename)
  await handle.close()
  return Object.getPrototypeOf(handle) as FileHandle
}

function writeHalf(this: FileHandle, buffer: Buffer, offset: number, length: number) {
  return this.writev([buffer.subarray(offset, offset + Math.floor(length / 2))])
}

async function stopHalfWay(this: FileHandle, ...block: Parameters<typeof writeHalf>) {
  await writeHalf.apply(this, block)
  return failure()
}

/** Makes these operations fail until the returned function is called. */
async function plant(t: TestContext, faults: readonly Operation[]): Promise<() => void> {
  const prototype = await prototypeOf()
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
        const failing = [journal.append(record(2))]
        await setImmediate()
        // Nor is a repetition of what is being written acknowledged.
        failing.push(journal.append())
        await Promise.all(failing.map((each) => assert.rejects(each, { code: 'EIO' })))
        mend()
        if (faults.includes('truncate')) {
          // Nothing is written after a rest that is still there.
          const mendCut = await plant(t, ['truncate'])
          await assert.rejects(journal.append(record(2)), { code: 'EIO' })
          mendCut()
        } else assert.equal((await readFile(path)).length, first)
        await journal.append(record(2))
        const end = await journal.append(record(3))
        assert.equal(journal.committedLength, end)
        await journal.close()
        const text = await readFile(path, 'utf8')
        const lines = text.split('\n').slice(0, -1)
        assert.deepEqual(lines.map(numbersOf), [
          [1, 0],
          [2, 1],
          [3, 2]
        ])
        assert.ok(lines.every((line) => isSealed(Buffer.from(line))))
        assert.equal(end, text.length)
      })
})

it('writes lines together that arrive during a commit, whole, and closes only then', async (t) => {
  const path = join(temporaryFolder(), 'a.journal')
  const journal = await Journal.create(path, 'fsync')
  const prototype = await prototypeOf()
  const { mock } = t.mock.method(prototype, 'datasync')
  t.mock.method(prototype, 'write', writeHalf as never, { times: 1 })
  const appended = [1, 2].map((number) => journal.append(record(number)))
  await setImmediate()
  appended.push(...[3, 4].map((number) => journal.append(record(number))))
  await appended[1]
  assert.equal(mock.callCount(), 1)
  await journal.close()
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  assert.deepEqual(lines.map(numbersOf), [
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 3]
  ])
  let end = 0
  const ends = lines.map((line) => (end += line.length + 1))
  assert.deepEqual(await Promise.all(appended), ends)
  assert.equal(mock.callCount(), 2)
  await assert.rejects(journal.append(record(5)), { code: 'EBADF' })
})

it('acknowledges nothing once its journal was removed', async () => {
  const path = join(temporaryFolder(), 'a.journal')
  const journal = await Journal.create(path, 'fsync')
  await journal.append(record(1))
  await rm(path)
  await assert.rejects(journal.append(record(2)), new RegExp(`${path} was removed: delete the test`))
  await journal.close()
})

it('seals lines as earlier servers did, whose journals it reads', () => {
  const pieces = ['{"ready":"p"', ',"at":1'].map((piece) => Buffer.from(piece))
  assert.equal(sealOf(pieces, 3).toString(), ',"n":3,"crc":"005f3ad3"}\n')
})
