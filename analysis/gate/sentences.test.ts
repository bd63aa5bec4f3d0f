import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { upperLimit } from '../statistics/counts'
import type { Gate, SimulatedPart } from './result'
import { stabilitySentence } from './sentences'

describe('The sentence on stability says of attempts without a loss', () => {
  const CASES = [
    [8, '31.2%'],
    [20, '13.9%'],
    [240, '1.24%'],
    [600, '0.5%']
  ] as const
  for (const [trials, share] of CASES)
    it(`that ${trials} leave at most ${share}`, () => {
      const stability = { trials, estimate: 0, limit: upperLimit([{ count: 0, trials }], 0.05) }
      const simulated = [{ peers: 8, stability } as SimulatedPart]
      assert.equal(
        stabilitySentence({ stability, simulated } as unknown as Gate),
        `Stability: with 95% confidence, the candidate loses at most ${share} more attempts in ${trials} simulated joins of 8 peers, ` +
          `and ${share} more in ${trials} attempts of the blocks.`
      )
    })
})
