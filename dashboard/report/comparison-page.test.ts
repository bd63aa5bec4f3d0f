import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compare, type Comparison } from '../../analysis/comparison/comparison'
import { fakeBlocks, fakeRun } from '../../analysis/testing/fake-runs'
import { comparisonPage } from './comparison-page'

const comparisonOf = (blocks: number, baseline = 'before'): Comparison =>
  compare({
    id: 'test',
    madeAt: 0,
    design: 'paired',
    baseline,
    candidate: 'after',
    primary: 'latency.position.p95',
    secondary: ['delivery.position', 'duplicateRatio.all'],
    margin: 0.03,
    runs: [...fakeBlocks(blocks), fakeRun(blocks, 0, { cpuUsage: 0.99 })]
  })

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

  it('lists every run with its validity', () => {
    assert.match(page, /block-0-build-0-attempt-1/)
    assert.match(page, /block-6-build-0-attempt-1.*no: void/s)
  })

  it('escapes what it is given', () => {
    assert.match(comparisonPage(comparisonOf(1, '<script>"&')), /&lt;script>&quot;&amp;/)
  })

  it('can be drawn of a single block', () => {
    assert.match(comparisonPage(comparisonOf(1)), /not enough runs/)
  })
})
