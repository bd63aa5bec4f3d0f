import assert from 'node:assert/strict'
import { it } from 'node:test'
import { batches, singles } from './batches'

it('gives long folders and long files their own processes, the longest first', () => {
  const times = new Map([
    ['a/1.test.ts', 3],
    ['a/2.test.ts', 4],
    ['a/deep/3.test.ts', 9],
    ['b/1.test.ts', 8]
  ])
  assert.deepEqual(batches(['b/1.test.ts', 'a/1.test.ts', 'a/deep/3.test.ts', 'a/2.test.ts'], times), [
    ['a/deep/3.test.ts'],
    ['b/1.test.ts'],
    ['a/1.test.ts', 'a/2.test.ts']
  ])
})

it('lets small folders share a process, except the one that mocks the clock', () => {
  const times = new Map([
    ['a/1.test.ts', 4],
    ['b/1.test.ts', 3],
    ['client/1.test.ts', 0.1]
  ])
  assert.deepEqual(
    batches(['a/1.test.ts', 'b/1.test.ts', 'c/new.test.ts', 'client/1.test.ts', 'd/new.test.ts'], times),
    [['a/1.test.ts', 'c/new.test.ts', 'd/new.test.ts'], ['b/1.test.ts'], ['client/1.test.ts']]
  )
})

it('gives each whole system its own process, except those that share a dashboard', () => {
  const times = new Map([
    ['e2e/dashboard-a.e2e.test.ts', 2],
    ['e2e/dashboard-b.e2e.test.ts', 2],
    ['e2e/client.e2e.test.ts', 3]
  ])
  assert.deepEqual(singles([...times.keys()], times), [
    ['e2e/dashboard-a.e2e.test.ts', 'e2e/dashboard-b.e2e.test.ts'],
    ['e2e/client.e2e.test.ts']
  ])
})
