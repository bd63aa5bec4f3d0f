import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Crowd } from './crowd'

it('A crowd tells nothing of what none of its clients reports', () => {
  const crowd = new Crowd()
  const add = (timestamp: number) =>
    crowd.add({ peerId: 'p', sequence: timestamp, timestamp, metrics: { sent: 3, group: 'blue' } })
  add(2_000)
  const [point] = add(4_000)
  const { messages, ticks, connections, wire } = point!.metrics
  assert.deepEqual([messages, ticks, connections], [undefined, undefined, undefined])
  assert.equal(wire?.sent, 3)
})
