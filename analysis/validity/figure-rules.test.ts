import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summarize } from '../summary/summarize'
import { fakeMesh } from '../testing/fake-mesh'

const damage = '3 of 120 records of its journal are damaged or missing; the other 117 were kept'

test('a test of which data is lost is void and says what is lost', () => {
  const { document } = fakeMesh({ duration: 12 })
  assert.equal(summarize(document).verdict, 'valid')
  const { verdict, reasons } = summarize({ ...document, damage })
  assert.equal(verdict, 'void')
  assert.deepEqual(
    reasons.map(({ rule, cause, what }) => [rule, cause, what]),
    [['damaged-data', 'machine', `Some of this test's data is lost: ${damage}.`]]
  )
})

test('where clocks are known too coarsely, the advice helps two runners of one machine, and compares nothing void', () => {
  const clockError = () => 0.5
  const [reason] = summarize(fakeMesh({ delay: 2, runners: 2, clockError }).document).reasons
  assert.equal(reason!.rule, 'clock-error')
  assert.match(reason!.advice, /^Start one runner on each machine/)
  assert.doesNotMatch(reason!.advice, /differences between runs/)
  assert.equal(summarize(fakeMesh({ delay: 2, runners: 1, clockError }).document).latencyClockError, 0)
})
