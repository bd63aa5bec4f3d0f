import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { momentOf } from '../../model/moment'
import { TestModel } from '../../model/test-model'
import { modelOf } from '../../testing/model-of'
import { Tiles } from './tiles'

for (const duration of [8, 20])
  it(`a replay of a test of ${duration} s says of how many seconds it shows the third`, async () => {
    const document = fakeDocument({ peers: 2, duration })
    const model = await modelOf(document)
    const moment = momentOf(model, document.startsAt! + 3000)!
    assert.match(renderToString(h(Tiles, { moment })), new RegExp(`<b>3 s</b><span>of ${duration} s</span>`))
  })

it('says of how many seconds the figures of a long test are, and counts no groups as peers', () => {
  const model = new TestModel()
  model.setState({
    ...fakeDocument({ peers: 2, duration: 8 }),
    state: 'running',
    startsAt: 0,
    duration: 36_000
  })
  const add = (sequence: number, until: number) => {
    const interval = { from: until - 2000, until }
    const metrics = { interval, connections: { open: 1, created: 1 } }
    model.addPoint({ peerId: 'group', sequence, timestamp: until, metrics, crowd: { points: 9, peers: 9 } })
  }
  const page = () => renderToString(h(Tiles, { moment: momentOf(model)! }))
  add(0, 2000)
  assert.match(page(), /Peers.*?<b>–<\/b>/)
  add(1, 20_000_000)
  assert.match(page(), /in the last 32 s/)
})

for (const { what, options, shown } of [
  { what: 'whose peers all died', options: { killed: () => 12 }, shown: '30/s' },
  { what: 'of older clients', options: { olderClients: true }, shown: '–/s' }
])
  it(`gives the rate of messages in a test ${what} as ${shown}`, async () => {
    const rates = { position: 5, profile: 0, chat: 0 }
    const model = await modelOf(fakeDocument({ peers: 3, duration: 20, rates, ...options }))
    const page = renderToString(h(Tiles, { moment: momentOf(model)! }))
    assert.ok(page.includes(`<b>${shown}</b>`), page)
  })
