import assert from 'node:assert/strict'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, mock, type TestContext } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { checkLine } from './line-check'

/** Every operation that a commit awaits, in order, and the check of the cut that follows a failure. */
type Operation = 'held before' | 'write' | 'stat' | 'truncate' | 'datasync' | 'held after' | 'held to cut'

const failure = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
const record = (number: number) => [Buffer.from(`{"point":${number}`)]

/** Makes these operations fail until `mend` is called. Counts the calls of `ensureHeld` from now on. */
async function plant(t: TestContext, faults: readonly Operation[]) {
  const handle = await open(__filename)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const mocks = (['write', 'stat', 'truncate', 'datasync'] as const)
    .filter((operation) => faults.includes(operation))
    .map((operation) => mock.method(prototype, operation, failure))
  const looks = (['held before', 'held after', 'held to cut'] as const).map((look) => faults.includes(look))
  const mend = () => {
    looks.length = 0
    for (const each of mocks) each.mock.restore()
  }
  t.after(mend)
  return { mend, ensureHeld: () => (looks.shift() ? failure() : Promise.resolve()) }
}

const PLANTED: Operation[][] = [
  ['held before'],
  ['write'],
  ['write', 'truncate'],
  ['stat'],
  ['stat', 'truncate'],
  ['datasync'],
  ['datasync', 'truncate'],
  ['datasync', 'held after'],
  ['held after'],
  ['held after', 'held to cut'],
  ['held after', 'truncate'],
  ['write', 'stat', 'truncate', 'datasync']
]

describe('a journal on a failing disk', () => {
  for (const isReopened of [false, true])
    for (const faults of PLANTED)
      it(`loses and doubles nothing if ${faults.join(' and ')} fail${isReopened ? ', reopened' : ''}`, async (t) => {
        let ensureHeld = () => Promise.resolve()
        const options = { durability: 'fsync', ensureHeld: () => ensureHeld() } as const
        const path = join(temporaryFolder(), 'a.journal')
        let journal = await Journal.create(path, options)
        const first = await journal.append(record(1))
        if (isReopened) {
          await journal.close()
          journal = await Journal.reopen(path, options, first, 1)
        }
        const planted = await plant(t, faults)
        ensureHeld = planted.ensureHeld
        // Only a reopened journal looks at its size, and only after a failure.
        const isReached = isReopened || faults[0] !== 'stat'
        const refused = await journal.append(record(2)).then(
          () => false,
          () => true
        )
        assert.equal(refused, isReached)
        planted.mend()
        if (refused) await journal.append(record(2))
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
        assert.ok(lines.every((line) => checkLine(Buffer.from(line)) === 'right'))
        assert.equal(end, text.length)
      })
})
