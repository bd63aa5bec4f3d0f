import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { METRICS, valueAt } from './metrics-catalog'
import { fakeDocument } from './testing/fake-mesh'

const summary = fakeDocument({
  presence: (peer) => (peer === 9 ? { joined: 8.2 } : {}),
  outages: [{ from: 10_000, until: 11_000 }]
}).summary!

/** Parts of a summary that are not metrics: the test's description and time, and its verdict. */
const NO_METRICS = ['version', 'measured.from', 'measured.until', 'reasons', 'thresholds', 'provenance']

function numericPaths(value: unknown, path: string): string[] {
  if (NO_METRICS.includes(path)) return []
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    numericPaths(part, path === '' ? name : `${path}.${name}`)
  )
}

describe('The catalogue of metrics', () => {
  test('names every number of a summary and nothing else', () =>
    assert.deepEqual(numericPaths(summary, '').sort(), METRICS.map(({ path }) => path).sort()))

  test('reads what the summary holds', () => {
    for (const { path } of METRICS) assert.equal(typeof valueAt(summary, path), 'number', path)
    assert.equal(valueAt(summary, 'latency.chat.p95'), summary.latency.chat!.p95)
    assert.equal(valueAt({ ...summary, hops: null }, 'hops.p50'), null)
  })

  test('refuses other paths', () => {
    for (const path of ['', 'latency', 'verdict', 'testId.length', '__proto__.x']) {
      assert.throws(() => valueAt(summary, path), RangeError, path)
    }
  })

  test('is what docs/metrics.md lists, one row per family', () => {
    const rows = readFileSync(join(__dirname, '../docs/metrics.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
    const documented = rows.flatMap(([, family = '', unit]) =>
      membersOf(family.replaceAll('`', '')).map((path) => [path, path.endsWith('.count') ? 'count' : unit])
    )
    const arrow = { lower: ' ↓', higher: ' ↑', neutral: '' }
    assert.deepEqual(
      documented.sort(),
      METRICS.map(({ path, unit, better }) => [path, unit + arrow[better]]).sort()
    )
  })
})

/** `a.{b,c}.KIND` stands for all of its combinations. */
function membersOf(family: string): string[] {
  const spelled = family
    .replace('KIND', '{position,profile,chat,all}')
    .replace('POINT', '{count,p50,p95,p99,max}')
  const [all, choices] = /\{([^}]*)\}/.exec(spelled) ?? []
  if (all === undefined) return [spelled]
  return choices!.split(',').flatMap((choice) => membersOf(spelled.replace(all, choice)))
}
