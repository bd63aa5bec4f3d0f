import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { rememberTimes, rememberedTimes, slowestFirst } from './remembered-times'

it('starts the slowest files first, and unknown ones last', () => {
  const times = new Map([
    ['fast', 1],
    ['slow', 9]
  ])
  assert.deepEqual(slowestFirst(['fast', 'new-b', 'slow', 'new-a'], times), [
    'slow',
    'fast',
    'new-a',
    'new-b'
  ])
})

it('remembers the last time of each file, and starts anew from a damaged record', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'test-times-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'new', 'times.json')
  const none = join(folder, 'none.json')
  assert.equal(rememberedTimes(file, none).size, 0)
  rememberTimes(new Map([['a', 1]]), file)
  rememberTimes(
    new Map([
      ['a', 2],
      ['b', 3]
    ]),
    file
  )
  assert.deepEqual(
    [...rememberedTimes(file, none)],
    [
      ['a', 2],
      ['b', 3]
    ]
  )
  writeFileSync(file, '{"a":')
  assert.equal(rememberedTimes(file, none).size, 0)
})
