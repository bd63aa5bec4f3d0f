import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseFault } from '../fault-text'
import { shrink } from './shrink'
import { drawTrial, type Trial } from './trial'

describe('shrinking', () => {
  it('finds the smallest case of a fault that shows only above 30 peers', async () => {
    const trial: Trial = {
      seed: 1,
      peers: 97,
      duration: 65,
      routine: 'loops:3,churn:1',
      messageTypes: 'deduplicated',
      network: 'wifi-lossy',
      faults: [parseFault('death@20s:3'), parseFault('partition@6s-9s:40')]
    }
    let runs = 0
    const least = await shrink(
      trial,
      (smaller) => {
        runs += smaller.length
        return Promise.resolve(smaller.map(({ peers }) => peers > 30))
      },
      100
    )
    assert.deepEqual(least, {
      ...trial,
      peers: 31,
      routine: 'stand',
      network: 'perfect',
      faults: [],
      duration: 10
    })
    assert.ok(runs < 60, `${runs}`)
  })

  it('keeps the fault that is needed, and stops when its budget is spent', async () => {
    const trial: Trial = {
      ...drawTrial(1, 10),
      peers: 9,
      faults: [parseFault('lighthouse@5s-9s'), parseFault('death@6s:8')]
    }
    const needsLighthouse = (smaller: readonly Trial[]) =>
      Promise.resolve(smaller.map(({ faults }) => faults.some(({ kind }) => kind === 'lighthouse')))
    const least = await shrink(trial, needsLighthouse, 100)
    assert.deepEqual([least.peers, least.faults], [2, [parseFault('lighthouse@5s-9s')]])
    assert.equal(await shrink(trial, needsLighthouse, 0), trial)
    let runs = 0
    const needsAll = (smaller: readonly Trial[]) => Promise.resolve(smaller.map(() => runs++ < 0))
    assert.deepEqual([await shrink(trial, needsAll, 3), runs], [trial, 3])
  })
})
