import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawPlan, nameOf } from './plan'
import { runRound } from './round'

/** In 1573: kills, a full, a failing and a stalled disk, a second server, a changed byte, a relay. */
const { CAMPAIGN_SEED = '1573', CAMPAIGN_ROUNDS = '0-2' } = process.env
const SEED = Number(CAMPAIGN_SEED)
const [FIRST = 0, LAST = FIRST] = CAMPAIGN_ROUNDS.split('-').map(Number)

describe('a fault campaign', { concurrency: 3 }, () => {
  for (let number = FIRST; number <= LAST; number++)
    it(`keeps every promise in round ${number} of seed ${SEED}`, async (t) => {
      const { plan, acknowledged, lives, damaged, violations } = await runRound(SEED, number)
      t.diagnostic(
        `${lives} tests, ${acknowledged} acknowledged points, ${damaged} damaged journals, ${plan.faults.map(({ fault }) => nameOf(fault)).join(', ')}`
      )
      assert.deepEqual(violations, [])
      assert.ok(acknowledged > 0, 'clients got something done')
    })

  it('notices a disk that throws away what it has acknowledged', async () => {
    const { violations } = await runRound(1573, 0, { lying: true })
    assert.match(violations.join('\n'), /acknowledged points .* are lost|is damaged|document of/)
  })
})

it('draws one plan for one seed and round, and other plans for others', () => {
  const plan = (seed: number, round: number) => JSON.stringify(drawPlan(seed, round))
  assert.equal(plan(1, 5), plan(1, 5))
  assert.notEqual(plan(1, 5), plan(1, 6))
  assert.notEqual(plan(1, 5), plan(2, 5))
})
