import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GROUP_CAPACITY } from '../../analysis/mesh/mesh-timeline'
import type { PeerResults } from '../../protocol/peer-results'
import { encodeAscending } from '../../protocol/varints'
import { deliveryMatrix, worstPairs } from './delivery-matrix'

/** A peer that is present in these seconds and sends a position in each of them. */
function peer(number: number, joined: number, left: number, heard: Record<string, number>) {
  const times = Array.from({ length: left - joined }, (_, index) => (joined + index) * 1000 + 500)
  return {
    number,
    presence: { joined: joined * 1000, left: left * 1000 },
    measured: { from: 0, until: Infinity },
    messages: { position: { sentTimes: encodeAscending(times, 0) }, chat: { sentTimes: 'damaged!' } },
    heard: Object.fromEntries(
      Object.entries(heard).map(([id, count]) => [id, [count, 0, 0, 0, 0, 0] as const])
    )
  } as unknown as PeerResults
}

const CHURNED = new Map([
  ['came', peer(2, 7, 10, { stays: 3 })],
  ['stays', peer(0, 0, 10, { left: 4, came: 3 })],
  ['left', peer(1, 0, 4, { stays: 3 })]
])

describe('the delivery matrix', () => {
  it('divides by what each receiver was owed while it was there, and leaves pairs that never met blank', () => {
    const { ids, shares } = deliveryMatrix(CHURNED, 'position')
    assert.deepEqual(ids, ['stays', 'left', 'came'])
    assert.deepEqual([...shares], [NaN, 0.75, 1, 1, NaN, NaN, 1, NaN, NaN])
    assert.deepEqual(worstPairs({ ids, shares }, 5), [{ from: 'stays', to: 'left', share: 0.75 }])
  })

  it('names the worst pairs, the worst first', () => {
    const shares = Float32Array.of(NaN, 0.75, 0.5, 1, NaN, 0.25, 1, 1, NaN)
    const worst = worstPairs({ ids: ['a', 'b', 'c'], shares }, 2)
    assert.deepEqual(worst, [
      { from: 'b', to: 'c', share: 0.25 },
      { from: 'a', to: 'c', share: 0.5 }
    ])
  })

  for (const [peers, across] of [
    [GROUP_CAPACITY, 0],
    [GROUP_CAPACITY + 1, NaN]
  ] as const)
    it(`${across === 0 ? 'asks' : 'does not ask'} across the groups of ${peers} peers`, () => {
      const of = (number: number) => ({ ...peer(number, 0, 1, {}), group: String(number % 2) })
      const grouped = Array.from({ length: peers }, (_, number) => [`p${number}`, of(number)] as const)
      const { shares } = deliveryMatrix(new Map(grouped), 'position')
      assert.deepEqual([...shares.subarray(0, 3)], [NaN, across, 0])
    })

  it('is blank for a list of times that is damaged', () =>
    assert.ok(deliveryMatrix(CHURNED, 'chat').shares.every(Number.isNaN)))
})
