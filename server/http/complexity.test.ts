import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refuseComplexity } from './complexity'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const CASES: [what: string, body: string, code: string | undefined][] = [
  ['16 levels', nested(16), undefined],
  ['17 levels', nested(17), 'bad-body'],
  ['17 levels of objects', '{"a":'.repeat(17), 'bad-body'],
  ['4 MB of levels', '['.repeat(4e6), 'bad-body'],
  ['many lists side by side', `[${'[],'.repeat(90)}[]]`, undefined],
  ['100 values', `[${'1,'.repeat(99)}1]`, undefined],
  ['101 values', `[${'1,'.repeat(100)}1]`, 'body-too-complex'],
  ['brackets and commas in a string', JSON.stringify('[,{'.repeat(200)), undefined],
  ['an escaped quote before them', JSON.stringify(`"${'['.repeat(20)}`), undefined],
  ['an escaped backslash before the end', `["\\\\",${nested(16)}]`, 'bad-body'],
  ['a string without end', `"${'['.repeat(20)}`, undefined]
]

describe('refuseComplexity', () => {
  for (const [what, body, code] of CASES)
    it(`${code === undefined ? 'passes' : 'refuses'} ${what}`, () => {
      const check = () => refuseComplexity(Buffer.from(body), 100)
      if (code === undefined) check()
      else assert.throws(check, { code })
    })

  it('counts depth and values as JSON.parse sees them', () =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (json) => {
        const { depth, commas } = measure(JSON.parse(json))
        const isRefused = depth > 16 || commas + 1 > 100
        let refused = false
        try {
          refuseComplexity(Buffer.from(json), 100)
        } catch {
          refused = true
        }
        assert.equal(refused, isRefused)
      }),
      { numRuns: 500 }
    ))
})

function measure(value: unknown): { depth: number; commas: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, commas: 0 }
  const inner = Object.values(value).map(measure)
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    commas: Math.max(0, inner.length - 1) + inner.reduce((sum, { commas }) => sum + commas, 0)
  }
}
