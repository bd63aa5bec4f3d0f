import assert from 'node:assert/strict'
import { it } from 'node:test'
import { batches } from './batches'

it('gives folders and long files their own processes, the longest first', () => {
  const times = new Map([
    ['a/1.test.ts', 0.1],
    ['a/2.test.ts', 0.2],
    ['a/deep/3.test.ts', 9],
    ['b/1.test.ts', 2]
  ])
  assert.deepEqual(
    batches(['b/1.test.ts', 'a/1.test.ts', 'a/deep/3.test.ts', 'a/2.test.ts', 'c/new.test.ts'], times),
    [['a/deep/3.test.ts'], ['b/1.test.ts'], ['c/new.test.ts'], ['a/1.test.ts', 'a/2.test.ts']]
  )
})
