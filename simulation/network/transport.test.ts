import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../engine/random'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { Line, Overtaking } from './line'
import { Sctp } from './sctp'

const never = () => false
const packet = (number: number) => new Uint8Array(100).fill(number & 0xff)

/**
 * Sends `count` packets, one every `period` ms, over a link with a delay of 40 ms. `isLost` decides which are
 * lost.
 */
async function deliver(count: number, period: number, isLost: (attempt: number) => boolean) {
  const time = new VirtualTime()
  const thread = new Thread(time)
  const arrived: { at: number }[] = []
  let attempts = 0
  const sctp = new Sctp({
    sender: thread,
    receiver: thread,
    forward: () => (isLost(attempts++) ? undefined : time.now + 40),
    back: () => time.now + 40,
    deliver: () => arrived.push({ at: time.now })
  })
  for (let number = 0; number < count; number++) {
    time.at(number * period, () => {
      sctp.send(packet(number))
    })
  }
  await time.run(never)
  return { arrived, attempts }
}

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
          time.at(item, () => {
            line.send(item)
          })
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

describe('SCTP', () => {
  it('delivers in order what overtakes on its path', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const arrived: number[] = []
    const early: number[] = []
    let sent = 0
    const sctp = new Sctp({
      sender: thread,
      receiver: thread,
      forward: () => (++sent % 4 === 0 ? new Overtaking(time.now + 1) : time.now + 40),
      back: () => time.now + 40,
      deliver: (each) => {
        arrived.push((each as Uint8Array)[0]!)
        early.push(time.now)
      }
    })
    for (let number = 0; number < 100; number++) {
      time.at(number * 10, () => {
        sctp.send(packet(number))
      })
    }
    await time.run(never)
    assert.deepEqual(arrived, [...Array(100).keys()])
    // The fourth packet was sent at 30 and arrived at 31; it waits for the third, sent at 20.
    assert.equal(early[3], 60)
  })

  it('delivers everything once and in order, whatever is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 40 }), async (seed, percent) => {
        const random = new SeededRandom(seed)
        const time = new VirtualTime()
        const thread = new Thread(time)
        const arrived: number[] = []
        const lossy = () => (random.number() < percent / 100 ? undefined : time.now + 40)
        const sctp = new Sctp({
          sender: thread,
          receiver: thread,
          forward: lossy,
          back: lossy,
          deliver: (each) => arrived.push((each as Uint8Array)[0]!)
        })
        for (let number = 0; number < 200; number++) {
          time.at(number * 7, () => {
            sctp.send(packet(number))
          })
        }
        await time.run(never)
        assert.deepEqual(arrived, [...Array(200).keys()])
      }),
      { numRuns: 25 }
    )
  })

  it('adds no delay if nothing is lost', async () => {
    const { arrived, attempts } = await deliver(50, 10, () => false)
    assert.deepEqual(
      arrived.map(({ at }, number) => at - number * 10),
      Array<number>(50).fill(40)
    )
    assert.equal(attempts, 50)
  })

  it('sends a lost packet again after three reports, and holds up those behind it', async () => {
    const { arrived, attempts } = await deliver(50, 10, (attempt) => attempt === 20)
    // Sent at 200; the third later packet arrives at 270, its report at 310, the retransmission at 350.
    assert.equal(arrived[20]!.at, 350)
    assert.equal(arrived[21]!.at, 350)
    assert.equal(arrived[30]!.at, 350)
    assert.equal(arrived[32]!.at, 360)
    assert.equal(attempts, 51)
  })

  it('waits for its timer if no later packet reveals the loss', async () => {
    const { arrived } = await deliver(1, 10, (attempt) => attempt === 0)
    assert.equal(arrived[0]!.at, 500 + 40)
  })

  it('doubles its timer while nothing gets through, and recovers after', async () => {
    const { arrived } = await deliver(1, 10, (attempt) => attempt < 3)
    assert.equal(arrived[0]!.at, 500 + 1000 + 2000 + 40)
  })
})
