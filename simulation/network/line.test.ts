import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { Line } from './line'

const never = () => false

describe('a line', () => {
  it('never lets an item overtake another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { minLength: 1, maxLength: 600 }), async (delays) => {
        const time = new VirtualTime()
        const arrived: number[] = []
        let sent = 0
        const line = new Line<number>(
          new Thread(time),
          () => time.now + delays[sent++]!,
          (item) => arrived.push(item)
        )
        delays.forEach((_, item) => {
          time.at(item, () => line.send(item))
        })
        await time.run(never)
        assert.deepEqual(arrived, [...delays.keys()])
      }),
      { numRuns: 20 }
    )
  })

  it('loses what its path loses, and delivers nothing once it is cut', async () => {
    const time = new VirtualTime()
    const arrived: number[] = []
    let sent = 0
    const line = new Line<number>(
      new Thread(time),
      () => (sent++ % 2 === 0 ? undefined : time.now + 1),
      (item) => arrived.push(item)
    )
    for (let item = 0; item < 10; item++) line.send(item)
    time.at(2, () => {
      line.send(10)
      line.send(11)
      line.cut()
    })
    await time.run(never)
    assert.deepEqual(arrived, [1, 3, 5, 7, 9])
  })
})
