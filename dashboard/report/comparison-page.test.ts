import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conclude, type Comparison, type ComparisonRequest } from '../../analysis/comparison/comparison'
import { compare, requestOf } from '../../analysis/testing/compare'
import type { Run } from '../../analysis/comparison/run'
import { fakeBlocks, fakeRun } from '../../analysis/testing/fake-runs'
import { comparisonPage } from './comparison-page'

const comparisonOf = (blocks: number, more: Partial<ComparisonRequest> = {}): Comparison =>
  compare(
    requestOf([...fakeBlocks(blocks), fakeRun(blocks, 0, { cpuUsage: 0.99 })], {
      secondary: ['delivery.position', 'duplicateRatio.all'],
      ...more
    })
  )

/** Both sides of one fact in the provenance, where each run was changed. */
function provenanceOf(fact: string, change: (run: Run) => void): string[] {
  const runs = fakeBlocks(6)
  runs.forEach(change)
  const page = comparisonPage(comparisonOf(6, { runs, force: true }))
  const [, row] = new RegExp(`<th scope="row">${fact}</th>(.*?)</tr>`, 's').exec(page)!
  return [...row!.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell]) => cell!)
}

describe('The page of a comparison', () => {
  const page = comparisonPage(comparisonOf(6))
  const count = (pattern: RegExp) => page.split(pattern).length - 1

  it('is one file that asks for nothing from the network and holds no script', () => {
    assert.match(page, /default-src 'none'/)
    assert.doesNotMatch(page, /<script|<link|<img|https?:\/\/|url\(/)
  })

  it('draws the interval of each metric, each run as a dot, and each block as a pair', () => {
    assert.equal(count(/<path\s+class="interval"/), 3)
    assert.equal(count(/<circle\s+class="(?:baseline|candidate)"/), 3 * 12)
    assert.equal(count(/<line\s+class="pair"/), 3 * 6)
    assert.doesNotMatch(page, /NaN|Infinity|undefined|null/)
  })

  it('draws all of a metric on the axis of its table', () => {
    const [plot] = /<svg viewBox="0 0 320 .*?<\/svg>/s.exec(page)!
    const places = [...plot.matchAll(/<line class="zero" x1="(\d+)|<circle[^>]* cx="(\d+)|d="M(\d+) /g)]
    // Both builds are equal: no change, six blocks, the interval and the estimate.
    assert.deepEqual(
      places.map(([, ...place]) => place.join('')),
      Array(9).fill('160')
    )
  })

  it('draws runs that share no blocks by their build', () => {
    const runs = fakeBlocks(6).map((run) => ({ ...run, block: null }))
    const shown = comparisonPage(comparisonOf(0, { runs, design: 'unpaired' }))
    assert.match(shown, />6 against 6 runs, unpaired</)
    const [plot] = /<svg viewBox="-?\d+ 0 400 .*?<\/svg>/s.exec(shown)!
    const columns = [...plot.matchAll(/text-anchor="middle">([^<]*)</g)].map(([, name]) => name)
    assert.deepEqual(columns, ['baseline', 'candidate'])
    const placesOf = (build: string) =>
      [...plot.matchAll(new RegExp(`class="${build}" cx="(\\d+)`, 'g'))].map(([, place]) => Number(place))
    const [baseline, candidate] = [placesOf('baseline'), placesOf('candidate')]
    assert.deepEqual([baseline.length, candidate.length], [6, 6])
    assert.ok(Math.max(...baseline) < Math.min(...candidate))
    assert.doesNotMatch(shown, /<line\s+class="pair"/)
  })

  it('says why no run could be compared, and what decides it', () => {
    const lost = fakeBlocks(6, () => ({ cpuUsage: 0.99 }))
    const shown = comparisonPage(conclude(requestOf(lost, { next: 'npx more' })))
    assert.match(shown, /<p>There is no complete block to compare: .*Next, to decide it: <code>npx more</s)
    assert.doesNotMatch(shown, /<h2>Runs/)
  })

  it('lists every run with its validity', () => {
    assert.match(page, /block-0-build-0-attempt-1/)
    assert.match(page, /block-6-build-0-attempt-1.*no: void/s)
  })

  const simulate = ({ summary }: Run) => {
    Object.assign(summary!.provenance, { engine: 'simulation', runners: [] })
  }
  const forget = ({ summary }: Run) => (summary!.provenance.libraries = [])
  const setLighthouse = ({ summary, variant }: Run) =>
    (summary!.provenance.runners[0]!.lighthouse = { url: '', version: '1', commitHash: `c${variant}` })
  const unknown = ['unknown', 'unknown']
  const commits = ['<strong>1, commit c0</strong>', '<strong>1, commit c1</strong>']
  const table: { what: string; fact: string; change: (run: Run) => void; sides: string[] }[] = [
    { what: 'known', fact: 'Warm-up', change: simulate, sides: ['5 s', 'the same'] },
    { what: 'unknown without runners', fact: 'Browser', change: simulate, sides: unknown },
    { what: 'unknown without runners', fact: 'Lighthouse', change: simulate, sides: unknown },
    { what: 'unknown without an integrity', fact: 'Integrity', change: simulate, sides: unknown },
    { what: 'unknown without results', fact: 'Library', change: forget, sides: unknown },
    { what: 'another commit', fact: 'Lighthouse', change: setLighthouse, sides: commits }
  ]
  for (const { what, fact, change, sides } of table) {
    it(`tells apart what is the same: ${fact} ${what}`, () =>
      assert.deepEqual(provenanceOf(fact, change), sides))
  }

  it('says in how many blocks a metric is known, if not in all', () => {
    const runs = fakeBlocks(8)
    for (const { block, summary } of runs) if (block! > 4) summary!.latency.position!.p95 = null
    const known = comparisonPage(comparisonOf(8, { runs })).match(/; known in [^<]*/g)
    assert.deepEqual(known, ['; known in 5 of 8 blocks'])
  })

  it('escapes what it is given', () =>
    assert.match(comparisonPage(comparisonOf(1, { baseline: '<script>"&' })), /&lt;script>&quot;&amp;/))

  it('can be drawn of a single block', () => assert.match(comparisonPage(comparisonOf(1)), /not enough runs/))
})
