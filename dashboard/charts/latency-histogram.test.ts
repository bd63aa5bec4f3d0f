import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { BINS } from '../model/latency-bins'
import { LatencyHistogram } from './latency-histogram'

const counts = new Float64Array(BINS).fill(5, 400, 404)

for (const { what, exact, marks } of [
  { what: 'estimates the percentiles while a test runs', exact: undefined, marks: ['p50', 'p95', 'p99'] },
  { what: 'marks those of the summary', exact: { p50: 6, p95: 6.1, p99: 6.2 }, marks: ['p50', 'p95', 'p99'] },
  {
    what: 'marks none that has too few messages',
    exact: { p50: 6, p95: 6.1, p99: null },
    marks: ['p50', 'p95']
  },
  { what: 'marks none of a single message', exact: { p50: null, p95: null, p99: null }, marks: [] },
  {
    what: 'marks 0 ms, of messages that the clocks call too early, at its edge',
    exact: { p50: 0, p95: 6.1, p99: 6.2 },
    marks: ['p50', 'p95', 'p99']
  }
])
  it(`The histogram of latencies ${what}`, () => {
    const page = renderToString(h(LatencyHistogram, { counts, exact }))
    assert.match(page, /aria-label="20 latencies/)
    assert.deepEqual([...new Set(page.match(/p\d\d(?= \d)/g))], marks)
    assert.doesNotMatch(page, /Infinity|NaN/)
  })

for (const { bins, labels } of [
  { bins: [400, 520], labels: ['10 ms', '20 ms', '50 ms'] },
  { bins: [300, 700], labels: ['1 ms', '10 ms', '100 ms', '1,000 ms'] }
])
  it(`The axis of latencies from bin ${bins.join(' to ')} has labels within it`, () => {
    const page = renderToString(h(LatencyHistogram, { counts: new Float64Array(BINS).fill(1, ...bins) }))
    const found = [...page.matchAll(/<text x="([\d.]+)" y="274"[^>]*>([^<]*)</g)]
    assert.deepEqual(
      found.map(([, , label]) => label),
      labels
    )
    assert.ok(found.every(([, place]) => Number(place) <= 640))
  })
