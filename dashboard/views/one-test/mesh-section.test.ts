import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { series } from '../../model/series'
import { modelOf } from '../../testing/model-of'
import { peerCharts } from './mesh-section'

it('The charts of a peer end when it leaves', async () => {
  const document = fakeDocument({
    peers: 3,
    duration: 20,
    presence: (peer) => (peer === 2 ? { left: 8 } : {})
  })
  const model = await modelOf(document)
  const [, , left] = [...model.peers.values()].sort((one, other) => one.id.localeCompare(other.id))
  const charts = peerCharts(left!)
  assert.equal(charts.length, 6)
  for (const { title, lines } of charts)
    for (const line of series(model.timeline!, 10, lines).values)
      assert.deepEqual([typeof line[3], line[4], line[9]], ['number', null, null], title)
})
