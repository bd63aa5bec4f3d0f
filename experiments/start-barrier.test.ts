import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startBarriers } from './start-barrier'

describe('A start barrier', () => {
  it('opens for everyone when the last has arrived', async () => {
    const [a, b] = startBarriers(2)
    const order: string[] = []
    const first = a!.arrive().then(() => order.push('a'))
    await new Promise(setImmediate)
    assert.equal(order.length, 0)
    await Promise.all([first, b!.arrive().then(() => order.push('b'))])
    assert.deepEqual(order, ['a', 'b'])
  })

  it('opens when those still missing leave', async () => {
    const [a, b, c] = startBarriers(3)
    const waiting = a!.arrive()
    b!.leave()
    b!.leave()
    a!.leave()
    c!.leave()
    await waiting
  })
})
