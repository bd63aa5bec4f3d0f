import assert from 'node:assert/strict'
import { it } from 'node:test'
import { seedsTable } from './seeds-table'
import type { Outcome } from './simulate'

function outcome(seed: number, packetsReceived: number, verdict = 'valid'): Pick<Outcome, 'document'> {
  const summary = {
    provenance: { edges: [1, 2, 3] },
    delivery: { all: 1 },
    wire: { packetsReceived, packetsPerMessage: 2 },
    duplicates: { all: 0 },
    hops: null,
    verdict
  }
  return { document: { seed, summary } as unknown as Outcome['document'] }
}

const row = (text: string, label: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(label))!
    .trim()
    .split(/ {2,}/)

it('Seeds have a mean and an interval, without the void runs', () => {
  const text = seedsTable([
    ...[100, 110, 120, 130].map((each, seed) => outcome(seed, each)),
    outcome(4, 9, 'void')
  ])
  assert.deepEqual(row(text, 'mean'), ['mean', '3', '100%', '115', '2.000', '0', '–', '4 valid'])
  // Student's interval: 115 ± 3.18 × 12.91 / 2.
  assert.equal(row(text, 'from')[3], '94.6')
  assert.equal(row(text, 'to')[3], '135')
})

it('Few seeds have no interval', () =>
  assert.equal(row(seedsTable([outcome(0, 100), outcome(1, 110)]), 'to')[3], '–'))
