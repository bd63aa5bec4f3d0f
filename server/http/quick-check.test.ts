/** Two checks of one contract: what the quick check accepts, zod must accept unchanged. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { z } from 'zod'
import { batchSchema, singlePointSchema } from '../../protocol/data-point'
import { peerResultsSchema } from '../../protocol/peer-results'
import { runnerSampleSchema } from '../../protocol/runner-sample'
import { topologySchema, type Topology } from '../../protocol/topology'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { QUICK_CHECKS } from './quick-check'
import { anyText } from '../../protocol/testing/any-text'

/** Values at the edges of the contract, inside and outside. */
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
  anyText({ maxLength: 70 }),
  fc.jsonValue({ maxDepth: 2 })
)

const deep = fc
  .nat(12)
  .map((levels) => JSON.parse('['.repeat(levels + 1) + ']'.repeat(levels + 1)) as unknown)

/** Where a part of a valid value is replaced, removed or added. */
const change = fc.record({
  where: fc.nat(),
  what: fc.constantFrom('replace', 'remove', 'add'),
  name: fc.constantFrom('unheardOf', '__proto__', 'constructor', 'sequence'),
  value: fc.oneof(odd, deep)
})

/** A valid value with up to three changes at any depth. */
const almost = (right: object) =>
  fc.array(change, { maxLength: 3 }).map((changes) => {
    const copy = structuredClone(right) as Record<string, unknown>
    for (const { where, what, name, value } of changes) {
      const places = placesIn(copy)
      const [owner, key] = places[where % places.length]!
      if (what === 'remove') Reflect.deleteProperty(owner, key)
      // Copied, because the next change may fall inside it, and fast-check reuses the same object.
      else set(owner, what === 'add' ? name : key, structuredClone(value))
    }
    return copy
  })
const almostPoint = almost(samplePoint('p', 1))
const results = sampleResults(1, 1e12, 2e12)
const configured = { ...results, library: { ...results.library, config: { a: { b: [1, { c: 2 }] } } } }
const topology: Topology = {
  at: 1e12,
  source: 'peers',
  nodes: [
    { id: 'a', group: 'blue', position: [1, 2, 3], connectedPeers: ['b'] },
    { id: 'b', connectedPeers: [] }
  ]
}

/** Even "__proto__" becomes a field, as in JSON.parse. */
function set(owner: object, key: string, value: unknown): void {
  Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true })
}

function placesIn(owner: Record<string, unknown>): [Record<string, unknown>, string][] {
  return Object.entries(owner).flatMap(([key, value]) => [
    [owner, key] as [Record<string, unknown>, string],
    ...(typeof value === 'object' && value !== null ? placesIn(value as Record<string, unknown>) : [])
  ])
}

/** Returns how many candidates were accepted: a check that refuses everything would pass as well. */
function compare(schema: z.ZodType, candidates: fc.Arbitrary<unknown>): number {
  const accepts = QUICK_CHECKS.get(schema)!
  let accepted = 0
  fc.assert(
    fc.property(candidates, (candidate) => {
      // Parsed from JSON, as in the server.
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
    ['batches', batchSchema, fc.array(almostPoint, { maxLength: 3 })],
    ['final results', peerResultsSchema, almost(configured)],
    ['topologies', topologySchema, almost(topology)],
    ['runner samples', runnerSampleSchema, almost(sampleRunner(1))]
  ]
  for (const [what, schema, candidates] of ROWS)
    it(what, () => {
      const accepted = compare(schema, candidates)
      assert.ok(accepted > 100, `only ${accepted} were accepted`)
    })

  it('and accepts what real peers send', () => {
    assert.ok(QUICK_CHECKS.get(singlePointSchema)!(withoutPeerId({ ...samplePoint('p', 1) })))
    const batch = Array.from({ length: 1_000 }, (_, sequence) => samplePoint('p', sequence))
    assert.ok(QUICK_CHECKS.get(batchSchema)!(batch))
    assert.ok(QUICK_CHECKS.get(peerResultsSchema)!(configured))
    assert.ok(QUICK_CHECKS.get(topologySchema)!(topology))
    assert.ok(QUICK_CHECKS.get(runnerSampleSchema)!(sampleRunner(1)))
    assert.equal(QUICK_CHECKS.get(batchSchema)!([...batch, samplePoint('p', 1_000)]), false)
  })
})

function withoutPeerId(point: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== 'peerId'))
}
