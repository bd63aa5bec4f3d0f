import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COUNTED, messageCost } from './message-cost'

describe('the cost of a message', () => {
  const cases: [says: string, peers: number, packets: number, isLeast: boolean][] = [
    ['is that of a counted size', 16, 11.05, false],
    ['lies between two sizes, on logarithmic scales', Math.sqrt(16 * 18), Math.sqrt(11.05 * 18.45), false],
    ['is that of the smallest size for smaller meshes', 2, 1.022, false],
    ['is at least that of the largest size for larger meshes', 100, 43.15, true]
  ]
  for (const [says, peers, packets, isLeast] of cases) {
    it(says, () => {
      const found = messageCost(peers, 'faithful')
      assert.ok(Math.abs(found.packetsPerMessage - packets) < 1e-9, String(found.packetsPerMessage))
      assert.equal(found.isLeast, isLeast)
    })
  }

  it('was counted up to 100 peers, except for faithful messages', () => {
    for (const costs of Object.values(COUNTED)) {
      const sizes = costs.map(([peers]) => peers)
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => a - b)
      )
    }
    assert.equal(COUNTED.deduplicated.at(-1)![0], 100)
    assert.equal(COUNTED.full.at(-1)![0], 100)
  })
})
