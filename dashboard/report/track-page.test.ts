import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Point } from '../../analysis/comparison/track'
import { trackPage } from './track-page'

const point = (level: number | null, isAfterGap = false): Point => ({
  ...{ name: 'c', value: '2', change: '0%', moved: '', level, isAfterGap }
})

describe('The page of a metric over commits', () => {
  const cases: { of: string; points: Point[]; dots: number; links: number }[] = [
    { of: 'commits in a row', points: [point(1), point(1.1), point(1.2)], dots: 3, links: 2 },
    { of: 'an unknown change', points: [point(1), point(null), point(1.2), point(1.3)], dots: 3, links: 1 },
    { of: 'a missing commit', points: [point(1), point(1.1, true), point(1.2)], dots: 3, links: 1 },
    { of: 'one commit', points: [point(1)], dots: 1, links: 0 },
    { of: 'unknown changes alone', points: [point(null), point(null)], dots: 0, links: 0 },
    { of: 'no commit', points: [], dots: 0, links: 0 }
  ]
  for (const { of, points, dots, links } of cases)
    it(`joins what is known, of ${of}`, () => {
      const page = trackPage('wire.packetsPerMessage', points)
      const count = (pattern: RegExp) => page.split(pattern).length - 1
      assert.equal(count(/<circle\s/), dots)
      assert.equal(count(/<line\s+class="pair"/), links)
      assert.equal(page.includes('not known'), dots === 0)
      assert.doesNotMatch(page, /NaN|Infinity|undefined/)
    })

  it('names levels that differ by less than a thousandth', () => {
    const page = trackPage('wire.packetsPerMessage', [point(1), point(1.00002)])
    const labels = [...page.matchAll(/text-anchor="end"[^>]*>([^<]*)</g)].map(([, label]) => label)
    assert.deepEqual(labels, ['1.00001', '1', '1.00002'])
  })
})
