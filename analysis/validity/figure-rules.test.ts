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
