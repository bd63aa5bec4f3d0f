import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { costInGroup } from './growth'
import type { Growth } from './message-cost'
import { GROWTH as COUNTED } from './growth-data'

const cost = (peers: number, packetsPerMessage: number) => ({ peers, packetsPerMessage, bytesPerPacket: 100 })
const GROWTH: Growth = { faithful: [cost(4, 1), cost(16, 4)], deduplicated: [], full: [] }

describe('the cost of a message', () => {
  const cases: [says: string, peers: number, packets: number, isLeast: boolean][] = [
    ['is that of a counted size', 16, 4, false],
    ['lies between two sizes, on logarithmic scales', 8, 2, false],
    ['is that of the smallest size for smaller groups', 2, 1, false],
    ['is at least that of the largest size for larger groups', 100, 4, true]
  ]
  for (const [says, peers, packets, isLeast] of cases) {
    it(says, () => {
      const found = costInGroup(peers, 'faithful', GROWTH)
      assert.ok(Math.abs(found.packetsPerMessage - packets) < 1e-9)
      assert.equal(found.isLeast, isLeast)
      assert.equal(found.bytesPerPacket, 100)
    })
  }

  it('was counted for all group sizes, except faithful messages in large groups', () => {
    for (const costs of Object.values(COUNTED)) {
      assert.deepEqual(
        costs.map(({ peers }) => peers),
        costs.map(({ peers }) => peers).sort((a, b) => a - b)
      )
    }
    assert.equal(COUNTED.deduplicated.at(-1)!.peers, 100)
    assert.equal(COUNTED.full.at(-1)!.peers, 100)
  })
})
