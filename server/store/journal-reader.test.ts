import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { readLines } from './journal-reader'

const MB = 1 << 20
const path = join(temporaryFolder(), 'a.journal')

/** Lines of these lengths, each of another letter. */
const linesOf = (lengths: readonly number[]) =>
  lengths.map((length, index) => String.fromCharCode(97 + (index % 26)).repeat(length))

async function read(from?: number, until?: number): Promise<{ lines: string[]; ends: number[] }> {
  const lines: string[] = []
  const ends: number[] = []
  for await (const { text, end } of readLines(path, from, until)) {
    lines.push(text.toString())
    ends.push(end)
  }
  return { lines, ends }
}

describe('the lines of a journal', () => {
  const CASES: [string, number[]][] = [
    ['that end where a chunk ends', [MB - 1, MB - 1, 5]],
    ['that end one byte later', [MB, MB, 5]],
    ['that cross chunks', Array.from({ length: 60 }, (_, index) => 50_000 + index)],
    ['longer than several chunks', [3, 5 * MB, 0, 4 * MB + 7, 9, 2 * MB]]
  ]
  for (const [what, lengths] of CASES)
    it(`${what} are read whole`, async () => {
      const expected = linesOf(lengths)
      await writeFile(path, expected.map((line) => `${line}\n`).join(''))
      const { lines, ends } = await read()
      assert.deepEqual(lines, expected)
      let end = 0
      assert.deepEqual(
        ends,
        lengths.map((length) => (end += length + 1))
      )
    })

  it('are read between two positions, without a last one that is not complete', async () => {
    await writeFile(path, 'one\ntwo\nthree\nfour\nfi')
    assert.deepEqual((await read(4)).lines, ['two', 'three', 'four'])
    assert.deepEqual((await read(4, 14)).lines, ['two', 'three'])
    assert.deepEqual((await read(4, 16)).lines, ['two', 'three'])
    assert.deepEqual((await read(14, 14)).lines, [])
  })
})
