import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counted, formatAt, formatMetric } from './format'
import type { MetricUnit } from './metrics-catalog'
import { fakeDocument } from './testing/fake-mesh'
import type { Summary } from '../protocol/summary'

const cases: [number | null, MetricUnit, string][] = [
  [null, 'ms', '–'],
  [0, 'ms', '0 ms'],
  [0.1234, 'ms', '0.12 ms'],
  [0.0123, 'ms', '0.012 ms'],
  [0.003, 'count', '0.003'],
  [0.00034, 'count', '0.0003'],
  [0.000004, 'count', '0'],
  [12.34, 'ms', '12.3 ms'],
  [123.4, 'ms', '123 ms'],
  [999.7, 'ms', '1,000 ms'],
  [1234.5, 'ms', '1,235 ms'],
  [12_345, 'ms', '12.3 s'],
  [-20_000, 'ms', '-20 s'],
  [1, 'ratio', '100%'],
  [0.99999, 'ratio', '99.99%'],
  [0.9876, 'ratio', '98.76%'],
  [0, 'ratio', '0%'],
  [0.000_03, 'ratio', '0.01%'],
  [-0.000_03, 'ratio', '-0.01%'],
  [-2e-17, 'ratio', '0%'],
  [1 + 2e-16, 'ratio', '100%'],
  [1.000_01, 'ratio', '100.01%'],
  [1.0046, 'ratio', '100.46%'],
  [1.005, 'ratio', '100.50%'],
  [1.0051, 'ratio', '101%'],
  [2.5, 'ratio', '250%'],
  [1.2436, 'ratio', '124%'],
  [1234567, 'count', '1,234,567'],
  [2.499, 'count', '2.5'],
  [999, 'bytes', '999 B'],
  [999.9, 'bytes', '1 KB'],
  [60e6, 'bytes', '60 MB'],
  [26017, 'bytes/s', '26 KB/s'],
  [216.8, 'packets/s', '217 packets/s']
]
for (const [value, unit, text] of cases) {
  test(`${value} ${unit} is shown as ${text}`, () => assert.equal(formatMetric(value, unit), text))
}

test('counts in words are grouped as in tables, and cores may be parts of one', () =>
  assert.deepEqual(
    [1, 1000, 1.5].map((count) => counted(count, 'core')),
    ['1 core', '1,000 cores', '1.5 cores']
  ))

test('a figure that a stored summary of an earlier version lacks is unknown', () => {
  const summary: Partial<Summary> = fakeDocument({ peers: 2, duration: 8 }).summary!
  delete summary.latencyOwed
  for (const path of ['latencyOwed.all.p95', 'latencyOwed.all.max', 'latencyOwed.chat.never'])
    assert.equal(formatAt(summary as Summary, path), '–')
})
