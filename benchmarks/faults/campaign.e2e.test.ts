import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawPlan } from './plan'
import { runRound } from './round'

/** Together: kills, a full, a failing and a stalled disk, a second server, a changed byte, and a relay. */
const ROUNDS = [0, 1, 2]
const SEED = 1573

describe('a short fault campaign', { concurrency: true }, () => {
  for (const number of ROUNDS)
    it(`keeps every promise in round ${number} of seed ${SEED}`, async () => {
      const { acknowledged, violations } = await runRound(SEED, number)
      assert.deepEqual(violations, [])
      assert.ok(acknowledged > 0, 'clients got something done')
    })

  it('notices a disk that throws away what it has acknowledged', async () => {
    const { violations } = await runRound(SEED, 0, { lying: true })
    assert.match(violations.join('\n'), /acknowledged points .* are lost|is damaged|document of/)
  })
})

it('draws one plan for one seed and round, and other plans for others', () => {
  const plan = (seed: number, round: number) => JSON.stringify(drawPlan(seed, round))
  assert.equal(plan(1, 5), plan(1, 5))
  assert.notEqual(plan(1, 5), plan(1, 6))
  assert.notEqual(plan(1, 5), plan(2, 5))
})
