import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import { EQUAL, simulateGates, simulateSequential, type World } from './simulation'

/** Seeded, so the results are deterministic. benchmarks/statistics-simulation.ts runs 1,000 trials each. */
const TRIALS = 40
const HARSH: World = { ...EQUAL, noise: 'heavy-tailed', drift: 0.15, bursts: 0.1, losses: 0.02 }

function sequential(world: World) {
  const random = seededRandom(1)
  return simulateGates(TRIALS, () => simulateSequential(world, [24], random))
}

describe('Simulated gates', () => {
  for (const [name, world] of [
    ['normal noise', EQUAL],
    ['heavy tails, drift, bursts and lost runs', HARSH],
    ['the same, one after the other', { ...HARSH, isSerial: true }]
  ] as const) {
    it(`seldom call equal builds worse, and mostly pass them: ${name}`, () => {
      const { worse, pass, blocks } = sequential(world)
      assert.ok(worse <= 0.05, `${worse} false alarms`)
      assert.ok(pass >= 0.8, `${pass} passed`)
      assert.ok(blocks < 16, `${blocks} blocks`)
    })
  }

  it('seldom pass a build that is as bad as the margin', () => {
    const { pass } = sequential({ ...EQUAL, change: { 'machine.cpuMsPerDelivered': 1.05 } })
    assert.ok(pass <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / TRIALS), `${pass} passed`)
  })

  it('find a worse build, and call a change within its margin not worse', () => {
    assert.ok(sequential({ ...EQUAL, change: { 'machine.cpuMsPerDelivered': 1.1 } }).worse >= 0.95)
    assert.ok(sequential({ ...EQUAL, change: { 'machine.cpuMsPerDelivered': 1.02 } }).worse <= 0.05)
  })

  it('keep their level when they are resumed with more blocks', () => {
    const random = seededRandom(3)
    const world = { ...EQUAL, change: { 'machine.cpuMsPerDelivered': 1.05 } }
    const { pass } = simulateGates(TRIALS, () => simulateSequential(world, [24, 36], random))
    assert.ok(pass <= 0.05 + 3 * Math.sqrt((0.05 * 0.95) / TRIALS), `${pass} passed`)
  })

  it('find a build that loses half of its runs', () => {
    assert.ok(sequential({ ...EQUAL, change: { losses: 0.5 } }).worse > 0.95)
  })
})
