import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endLines, exitCode, whereTimeWent } from './end-lines'
import type { Failure } from './test-process'

const WRONG: Failure = { test: 'a.test.ts › adds', reason: 'not equal:\n\n+ 3\n- 4' }
const VOID: Failure = {
  test: 'b.test.ts › measures',
  reason: 'void: the machine was busy\n  make (pid 7): 90%'
}

describe('the end of a run', () => {
  const cases: [string, Parameters<typeof endLines>, code: number, lines: string[]][] = [
    ['all passed', [3, []], 0, ['3 passed, 0 failed']],
    ['no test', [0, []], 1, ['0 passed, 0 failed']],
    ['one failed', [3, [WRONG]], 1, ['✖ a.test.ts › adds: not equal: + 3 - 4', '3 passed, 1 failed']],
    [
      'one failed, one void',
      [3, [VOID, WRONG]],
      1,
      [
        '✖ a.test.ts › adds: not equal: + 3 - 4',
        '✖ b.test.ts › measures: void: the machine was busy',
        '  make (pid 7): 90%',
        '1 of the failed are void: run them on a quiet machine',
        '3 passed, 2 failed'
      ]
    ]
  ]
  for (const [name, ran, code, lines] of cases)
    it(name, () => {
      assert.deepEqual(endLines(...ran).split('\n'), lines)
      assert.equal(exitCode(...ran), code)
    })

  it('has a code of its own if the failed are all void', () => assert.equal(exitCode(3, [VOID]), 3))
})

it('shows the ten slowest files, slowest first, and the sum of all', () => {
  const files = Array.from({ length: 12 }, (_, i): [string, number] => [`f${i}.test.ts`, i])
  const lines = whereTimeWent(files).split('\n')
  assert.equal(lines.length, 12)
  assert.equal(lines[1], '    11.0 s  f11.test.ts')
  assert.equal(lines[10], '     2.0 s  f2.test.ts')
  assert.match(lines[11]!, /66\.0 s {2}sum of all files \(12\)/)
})
