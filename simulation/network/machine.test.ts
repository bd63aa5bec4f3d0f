import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../protocol/random'
import { Thread } from '../engine/thread'
import { VirtualTime } from '../engine/virtual-time'
import { Machine, MACHINE_DELAY } from './machine'

const time = new VirtualTime()
const [page, other] = [new Thread(time), new Thread(time)]

/** Arrivals of packets that are sent at once, each with numbers of its own. */
function arrivals(machine: Machine, count: number, from = page, to = page): number[] {
  return Array.from({ length: count }, (_, link) =>
    machine.passage(from, to).arrival(0, new SeededRandom(5, link))
  )
}

describe('a machine', () => {
  it('delivers nearly all packets between two pages in the order in which they were sent', () => {
    const times = arrivals(new Machine(), 2000)
    const late = times.filter((time, index) => times.slice(index + 1).some((next) => next < time)).length
    assert.ok(times.every((time) => time >= MACHINE_DELAY))
    assert.ok(late > 20 && late < 200, `${late} of ${times.length} packets lost their place`)
  })

  it('holds up no packet for those between other pages', () => {
    const machine = new Machine()
    arrivals(machine, 2000)
    assert.deepEqual(arrivals(machine, 1, page, other), arrivals(new Machine(), 1))
  })

  it('is infinitely fast: more packets at once take hardly longer', () => {
    const [few, many] = [1000, 100_000].map((count) => Math.max(...arrivals(new Machine(), count)))
    assert.ok(many! < 3 * few!, `${few} and ${many} ms`)
  })
})
