import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StartBarrier } from './start-barrier'

describe('A start barrier', () => {
  it('opens for everyone when the last has arrived', async () => {
    const barrier = new StartBarrier(2)
    const order: string[] = []
    const first = barrier.arrive('a').then(() => order.push('a'))
    await new Promise(setImmediate)
    assert.equal(order.length, 0)
    await Promise.all([first, barrier.arrive('b').then(() => order.push('b'))])
    assert.deepEqual(order, ['a', 'b'])
  })

  it('opens when those still missing leave', async () => {
    const barrier = new StartBarrier(3)
    const waiting = barrier.arrive('a')
    barrier.leave('b')
    barrier.leave('b')
    barrier.leave('a')
    barrier.leave('c')
    await waiting
  })
})
