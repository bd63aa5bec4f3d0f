/** Two judges of one contract: what the quick one lets through, zod must let through unchanged. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { z } from 'zod'
import { batchSchema, singlePointSchema } from '../../protocol/metrics'
import { samplePoint } from '../testing/sample-data'
import { quickCheck } from './quick-check'

/** What stands at the edges of the contract, inside and outside. */
const odd = fc.oneof(
  fc.constantFrom<unknown[]>(
    ...[0, -0, -1, 0.5, 1e13, 1e13 + 1, 1e15, 1.1e15, 2 ** 53, 2 ** 53 - 1, 1e308, Infinity, NaN],
    ...[
      null,
      true,
      '',
      'x',
      'x'.repeat(64),
      'x'.repeat(65),
      '😀'.repeat(33),
      'AA==',
      'AA===',
      'a\n',
      '__proto__'
    ],
    ...[[], [0], [1, 2], [1, 2, 3], [1, 2, 3, 4], {}, { sent: 1 }, Array.from({ length: 33 }, () => 0)]
  ),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.jsonValue({ maxDepth: 2 })
)

/** A right point with a few values, anywhere in it, replaced, removed or added. */
const change = fc.record({
  where: fc.nat(),
  what: fc.constantFrom('replace', 'remove', 'add'),
  name: fc.constantFrom('unheardOf', '__proto__', 'constructor', 'sequence'),
  value: odd
})
const almostPoint = fc.array(change, { maxLength: 3 }).map((changes) => {
  const point = structuredClone(samplePoint('p', 1)) as unknown as Record<string, unknown>
  for (const { where, what, name, value } of changes) {
    const places = placesIn(point)
    const [owner, key] = places[where % places.length]!
    if (what === 'remove') Reflect.deleteProperty(owner, key)
    // A copy: the next change may fall inside it, and fast-check gives the same object to other points.
    else set(owner, what === 'add' ? name : key, structuredClone(value))
  }
  return point
})

/** Also "__proto__" becomes a field, as JSON.parse makes it. */
function set(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true })
}

function placesIn(owner: Record<string, unknown>): [Record<string, unknown>, string][] {
  return Object.entries(owner).flatMap(([key, value]) => [
    [owner, key] as [Record<string, unknown>, string],
    ...(typeof value === 'object' && value !== null ? placesIn(value as Record<string, unknown>) : [])
  ])
}

/** Returns how many were accepted: a judge that refuses everything would pass as well. */
function compare(schema: z.ZodType, candidates: fc.Arbitrary<unknown>): number {
  const accepts = quickCheck(schema)
  let accepted = 0
  fc.assert(
    fc.property(candidates, (candidate) => {
      // As the server has it: parsed from JSON.
      const value = JSON.parse(JSON.stringify(candidate)) as unknown
      if (!accepts(value)) return
      accepted++
      const judged = schema.safeParse(value)
      assert.ok(judged.success, judged.error?.message)
      assert.deepEqual(judged.data, value, 'nothing is left out or changed')
    }),
    { numRuns: 2_000 }
  )
  return accepted
}

describe('the quick check accepts only what zod accepts', () => {
  const ROWS: [string, z.ZodType, fc.Arbitrary<unknown>][] = [
    ['single points', singlePointSchema, almostPoint.map(withoutPeerId)],
    ['batches', batchSchema, fc.array(almostPoint, { maxLength: 3 })]
  ]
  for (const [what, schema, candidates] of ROWS)
    it(what, () => {
      const accepted = compare(schema, candidates)
      assert.ok(accepted > 100, `only ${accepted} were accepted`)
    })

  it('and does accept what real peers send', () => {
    assert.ok(quickCheck(singlePointSchema)(withoutPeerId({ ...samplePoint('p', 1) })))
    const batch = Array.from({ length: 1_000 }, (_, sequence) => samplePoint('p', sequence))
    assert.ok(quickCheck(batchSchema)(batch))
    assert.equal(quickCheck(batchSchema)([...batch, samplePoint('p', 1_000)]), false)
  })
})

function withoutPeerId(point: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== 'peerId'))
}
