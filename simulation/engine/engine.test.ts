import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../protocol/random'
import { Thread } from './thread'
import { VirtualTime } from './virtual-time'
import { virtualTimers } from './timers'

const never = () => false

describe('virtual time', () => {
  it('runs events in order of time, then of scheduling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 60 }), async (instants) => {
        const time = new VirtualTime()
        const seen: [number, number][] = []
        instants.forEach((instant, order) => {
          time.at(instant, () => {
            assert.equal(time.now, instant)
            seen.push([instant, order])
          })
        })
        await time.run(never)
        const expected = instants.map((instant, order): [number, number] => [instant, order])
        assert.deepEqual(
          seen,
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1])
        )
      })
    )
  })

  it('runs what is scheduled for now after everything else of this instant', async () => {
    const time = new VirtualTime()
    const seen: string[] = []
    time.at(5, () => {
      time.after(0, () => seen.push('planned at 5'))
      seen.push('first')
    })
    time.at(5, () => seen.push('second'))
    time.at(6, () => seen.push('later'))
    await time.run(never)
    assert.deepEqual(seen, ['first', 'second', 'planned at 5', 'later'])
  })

  it('runs microtasks between two events of one instant', async () => {
    const time = new VirtualTime()
    const seen: string[] = []
    time.at(1, () => queueMicrotask(() => queueMicrotask(() => seen.push('microtask'))))
    time.at(1, () => seen.push('event'))
    await time.run(never)
    assert.deepEqual(seen, ['microtask', 'event'])
  })

  it('records what an event throws and continues; a cancelled event does not run', async () => {
    const time = new VirtualTime()
    let reached = false
    time.at(1, () => {
      throw new Error('of an event')
    })
    time.at(2, () => assert.fail('was cancelled')).cancel()
    time.at(3, () => (reached = true))
    await time.run(never)
    assert.ok(reached)
    assert.deepEqual(time.errors.map(String), ['Error: of an event'])
  })

  it('ends when it is told to', async () => {
    const time = new VirtualTime()
    let count = 0
    const again = () => {
      count++
      time.after(1, again)
    }
    again()
    await time.run(() => time.now >= 10)
    assert.equal(count, 11)
  })
})

describe('a thread', () => {
  it('queues events in order while it is busy', async () => {
    const time = new VirtualTime()
    const thread = new Thread(time)
    const seen: [string, number][] = []
    const note = (name: string) => () => seen.push([name, time.now])
    thread.at(0, note('a'), 10)
    thread.at(1, note('b'), 5)
    thread.at(2, note('c'))
    thread.at(20, note('d'))
    await time.run(never)
    assert.deepEqual(seen, [
      ['a', 0],
      ['b', 10],
      ['c', 15],
      ['d', 20]
    ])
  })
})

describe('timers', () => {
  it('repeat until they are cleared, and count whole milliseconds', async () => {
    const time = new VirtualTime()
    const timers = virtualTimers(new Thread(time))
    const seen: number[] = []
    const id = timers.setInterval(() => {
      seen.push(time.now)
      if (seen.length === 3) timers.clearInterval(id)
    }, 10.9)
    timers.clearTimeout(timers.setTimeout(() => assert.fail('was cleared'), 5))
    timers.setTimeout((text) => assert.equal(text, 'argument'), undefined, 'argument')
    await time.run(never)
    assert.deepEqual(seen, [10, 20, 30])
  })

  const waits: [delay: number | undefined, after: number][] = [
    [undefined, 0],
    [-1, 0],
    [NaN, 0],
    [Infinity, 0],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 31, 0],
    [2 ** 32 + 5, 5]
  ]
  for (const [delay, after] of waits)
    it(`wait for ${delay} as long as in a browser`, async () => {
      const time = new VirtualTime()
      const seen: number[] = []
      virtualTimers(new Thread(time)).setTimeout(() => seen.push(time.now), delay)
      await time.run(never)
      assert.deepEqual(seen, [after])
    })

  it('are cleared by an id that is text', async () => {
    const time = new VirtualTime()
    const timers = virtualTimers(new Thread(time))
    const ids = { [timers.setTimeout(() => assert.fail('was cleared'), 5)]: true }
    for (const id of Object.keys(ids)) timers.clearTimeout(id)
    await time.run(never)
    assert.deepEqual(time.errors, [])
  })
})

describe('seeded numbers', () => {
  it('are the same for the same seed, and different for another', () => {
    const draw = (...seed: number[]) => Array.from({ length: 8 }, new SeededRandom(...seed).number)
    assert.deepEqual(draw(1, 2), draw(1, 2))
    assert.notDeepEqual(draw(1, 2), draw(2, 1))
  })

  for (const { what, draw, mean, deviation } of [
    {
      what: 'uniform',
      draw: (random: SeededRandom) => random.number(),
      mean: 0.5,
      deviation: 1 / Math.sqrt(12)
    },
    { what: 'exponential', draw: (random: SeededRandom) => random.exponential(), mean: 1, deviation: 1 },
    { what: 'normal', draw: (random: SeededRandom) => random.normal(), mean: 0, deviation: 1 }
  ]) {
    it(`have the mean and the deviation of a ${what} distribution`, () => {
      const random = new SeededRandom(7)
      const values = Array.from({ length: 20_000 }, () => draw(random))
      const average = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length
      assert.ok(Math.abs(average - mean) < 0.03, `${average}`)
      assert.ok(Math.abs(Math.sqrt(variance) - deviation) < 0.03, `${variance}`)
    })
  }
})
