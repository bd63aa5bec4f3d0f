import assert from 'node:assert/strict'
import { it } from 'node:test'
import { whereTimeWent } from './time-table'

it('shows the ten slowest files, slowest first, and the sum of all', () => {
  const files = Array.from({ length: 12 }, (_, i): [string, number] => [`f${i}.test.ts`, i])
  const lines = whereTimeWent(files).split('\n')
  assert.equal(lines.length, 12)
  assert.equal(lines[1], '    11.0 s  f11.test.ts')
  assert.equal(lines[10], '     2.0 s  f2.test.ts')
  assert.match(lines[11]!, /66\.0 s {2}sum of all files \(12\)/)
})
