import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detectableShift, POWER } from './detectable'
import { assertClose } from '../testing/assert-close'

const ofBlocks = (blocks: number, spread: number, level?: number) =>
  detectableShift([blocks], spread, { level })
const planned = (blocks: number) => detectableShift([blocks], 1, { isPlanned: true })

describe('minimum detectable shift', () => {
  it('agrees with the closed form for 6 blocks', () => {
    // All six differences must be positive: Φ(δ)⁶ = 0.8, so δ = Φ⁻¹(0.9635) = 1.793 standard deviations.
    assert.equal(POWER, 0.8)
    assertClose(planned(6), 1.793, 0.05)
  })

  it('is larger where the spread is an estimate of few blocks, and nearly the same for many', () => {
    assert.ok(ofBlocks(6, 1)! > 1.15 * planned(6)!)
    assertClose(ofBlocks(20, 1)! / planned(20)!, 1, 0.1)
  })

  it('is larger at the level that one of several metrics has', () => {
    assert.ok(ofBlocks(10, 1, 0.05 / 9)! > 1.2 * ofBlocks(10, 1)!)
    assert.equal(ofBlocks(8, 1, 0.05 / 9), null)
  })

  it('is near the t-test’s for 20 blocks, which is 0.66 standard deviations, and a little above', () =>
    assertClose(ofBlocks(20, 1), 0.68, 0.05))

  it('scales with the spread', () => {
    assertClose(ofBlocks(8, 0.04)! / ofBlocks(8, 0.02)!, 2)
    assert.equal(ofBlocks(8, 0), 0)
  })

  it('falls with more blocks', () => {
    const shifts = [6, 8, 10, 12, 20, 200].map((blocks) => ofBlocks(blocks, 1)!)
    assert.deepEqual(
      shifts,
      [...shifts].sort((a, b) => b - a)
    )
  })

  it('does not exist if no shift could be significant', () => {
    assert.equal(ofBlocks(5, 0.1), null)
    assert.equal(detectableShift([3, 3], 0.1), null)
  })

  it('is about the same for unpaired runs as for independent pairs', () => {
    const pairs = ofBlocks(10, Math.SQRT2)!
    const unpaired = detectableShift([10, 10], 1)!
    assertClose(unpaired / pairs, 1, 0.1)
  })
})
