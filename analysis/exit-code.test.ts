import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from './exit-code'

const threshold = (passed: boolean) => ({ expression: '', metric: '', value: 1, passed })

const cases = [
  { says: 'valid without thresholds => 0', verdict: 'valid', passed: [], code: 0 },
  { says: 'valid, all thresholds passed => 0', verdict: 'valid', passed: [true, true], code: 0 },
  { says: 'valid, one threshold missed => 2', verdict: 'valid', passed: [true, false], code: 2 },
  { says: 'void => 3', verdict: 'void', passed: [true], code: 3 },
  {
    says: 'void and a threshold missed => 3, for void results say nothing',
    verdict: 'void',
    passed: [false],
    code: 3
  }
] as const
for (const { says, verdict, passed, code } of cases) {
  test(says, () => {
    assert.equal(exitCodeOf({ verdict, thresholds: passed.map(threshold) }), code)
  })
}
