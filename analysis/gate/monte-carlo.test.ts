import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import {
  EQUAL,
  simulatedGate,
  simulateGates,
  simulateSequential,
  type World
} from '../testing/monte-carlo-gates'

const HARSH: World = { ...EQUAL, noise: 'heavy-tailed', drift: 0.15, bursts: 0.1, losses: 0.02 }
const cpu = (ratio: number): World => ({ ...EQUAL, change: { 'machine.cpuMsPerDelivered': ratio } })

/** Seeded, so the results are deterministic. `bench statistics` runs 1,000 trials each. */
function rates(world: World, trials: number, { gate = '', stages = [24] } = {}) {
  const random = seededRandom(1)
  const criteria = simulatedGate(gate)
  return simulateGates(trials, () => simulateSequential(world, stages, random, criteria))
}

describe('Simulated gates', () => {
  for (const [name, world] of [
    ['normal noise', EQUAL],
    ['heavy tails, drift, bursts and lost runs', HARSH],
    ['the same, one after the other', { ...HARSH, isSerial: true }]
  ] as const) {
    it(`seldom call equal builds worse, and mostly pass them: ${name}`, () => {
      const { worse, pass, blocks } = rates(world, 20)
      assert.ok(worse <= 0.05, `${worse} false alarms`)
      assert.ok(pass >= 0.8, `${pass} passed`)
      assert.ok(blocks < 16, `${blocks} blocks`)
    })
  }

  // A single criterion is cheap, and passes at least as often as the whole gate.
  for (const stages of [[24], [24, 36]]) {
    it(`seldom pass a build that is as bad as the margin: up to ${stages.join(' and then ')} blocks`, () => {
      const trials = 100
      const { pass } = rates(cpu(1.05), trials, { gate: 'only,cpu', stages })
      assert.ok(pass <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / trials), `${pass} passed`)
    })
  }

  it('find a worse build, and call a change within its margin not worse', () => {
    assert.ok(rates(cpu(1.1), 20).worse >= 0.95)
    assert.ok(rates(cpu(1.02), 60, { gate: 'only,cpu' }).worse <= 0.05)
  })

  it('find a build that loses half of its runs', () =>
    assert.ok(rates({ ...EQUAL, change: { losses: 0.5 } }, 20).worse >= 0.95))
})
