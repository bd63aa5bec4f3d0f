/** A large test as its page sees it: the server adds up the points of groups, the model reads the sums. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import type { DataPoint } from '../../protocol/data-point'
import { Crowd } from '../../server/events/crowd'
import { percentilesOf } from './latency-bins'
import { momentOf } from './moment'
import { deliveryBetween, latencyCounts, perPeer, peersReporting, perSecond } from './series'
import { TestModel } from './test-model'

const MESH = { peers: 20, duration: 40, interval: 2, loss: 0.1, delay: 40 }
const { dataPoints: POINTS, ...STATE } = fakeDocument(MESH)
const IDS = [...new Set(POINTS.map(({ peerId }) => peerId))]

/** @param groupOf the group of a peer at that time */
function watched(groupOf: (peerId: string, timestamp: number) => string): TestModel {
  const model = new TestModel()
  model.setState(STATE)
  const crowd = new Crowd()
  const add = (point: DataPoint) => {
    const metrics = { ...point.metrics, group: groupOf(point.peerId, point.timestamp) }
    for (const sum of crowd.add({ ...point, metrics })) model.addPoint(sum)
  }
  POINTS.forEach(add)
  // The last sum comes with the first point of the next.
  add({ ...POINTS.at(-1)!, timestamp: POINTS.at(-1)!.timestamp + 10_000 })
  return model
}

describe('a crowd', () => {
  it('shows the true rates, delivery and latency of the mesh', () => {
    const model = watched(() => 'one')
    const { timeline, measured: first, count } = momentOf(model)!
    const { totals } = timeline
    const middle = 10
    near(perSecond(totals, totals['sent.position'])(middle), 200, 0.03)
    near(perSecond(totals, totals['received.position'])(middle), 200 * 19 * 0.9, 0.03)
    near(deliveryBetween(totals, 'position', first, count)!, 0.9, 0.01)
    near(peersReporting(totals)(middle), 20, 0.01)
    near(perPeer(totals, totals.links)(middle), 4, 0.01)
    const [p50] = percentilesOf(latencyCounts(timeline, 'all', first, count), [50])
    near(p50!, 40, 0.012)
    assert.deepEqual([model.isCrowd, [...model.peers.keys()]], [true, ['one']])
  })

  it('has the links between groups, and their sizes', () => {
    const model = watched((id) => (IDS.indexOf(id) % 2 === 0 ? 'even' : 'odd'))
    const { nodes, links } = model.mesh.at(model.latest)
    assert.deepEqual(nodes.map(({ id }) => id).sort(), ['even', 'odd'])
    assert.deepEqual(
      links.map(({ state }) => state),
      ['two-sided']
    )
    assert.deepEqual(
      [...model.peers.values()].map(({ size }) => size),
      [10, 10]
    )
    const { timeline, measured: first, count } = momentOf(model)!
    // What they hear of each other is owed by nobody.
    assert.equal(deliveryBetween(timeline.totals, 'position', first, count), 1)
  })

  it('has the sizes of groups that merge, and delivery in them', () => {
    const merge = POINTS[POINTS.length / 2]!.timestamp
    const model = watched((id, at) => (at > merge || IDS.indexOf(id) % 2 === 0 ? 'even' : 'odd'))
    assert.equal(model.peers.get('even')!.size, 20)
    const { timeline, count } = momentOf(model)!
    near(deliveryBetween(timeline.totals, 'position', count - 5, count)!, 0.9, 0.03)
  })

  it('has no peers that left', () => {
    const model = new TestModel()
    model.setState(STATE)
    const crowd = new Crowd()
    const middle = POINTS[POINTS.length / 2]!.timestamp
    for (const point of POINTS) {
      const peerId = point.timestamp > middle ? `${point.peerId}-again` : point.peerId
      for (const sum of crowd.add({ ...point, peerId, metrics: { ...point.metrics, group: 'one' } }))
        model.addPoint(sum)
    }
    assert.equal(model.peers.get('one')!.size, 20)
    const { timeline, count } = momentOf(model)!
    near(deliveryBetween(timeline.totals, 'position', count - 5, count)!, 0.9, 0.03)
  })

  it('forgets the peers that it saw one by one', () => {
    const model = new TestModel()
    model.addPoint(POINTS[0]!)
    model.addPoint({ ...POINTS[1]!, peerId: 'group', crowd: { points: 3, peers: 3 } })
    assert.deepEqual([...model.peers.keys()], ['group'])
    const reporting = model.mesh.at(model.latest).nodes.filter(({ reports }) => reports)
    assert.deepEqual(
      reporting.map(({ id }) => id),
      ['group']
    )
  })
})

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual}, expected ${expected}`)
}
