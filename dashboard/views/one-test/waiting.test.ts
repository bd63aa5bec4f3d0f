import assert from 'node:assert/strict'
import { it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { fakeDocument } from '../../../analysis/testing/fake-mesh'
import { readTexts } from '../../../cli/surface'
import { modelOf } from '../../testing/model-of'
import { joinCommand, Waiting } from './waiting'

const TEST = { id: 'mine', expectedPeers: 6, peers: { ready: 2, reporting: 0, done: 0 } }

it('has every variable that a runner requires, and as many peers as are missing', () => {
  const line = joinCommand(TEST, 'http://localhost:9904', true)
  const variables = new Map([...line.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]))
  const { values, faults } = readTexts('runner', ({ name }) => variables.get(name))
  assert.deepEqual(faults, [])
  assert.equal(values.peersCount, 4)
  assert.match(line, /^RESULTS_SERVER_SUBMIT_TOKEN=… TEST_ID=mine .* npx peer-perf clients$/)
})

for (const { dataPointCount, damage, shown } of [
  { dataPointCount: 0, damage: undefined, shown: 'This test ended without a data point.' },
  { dataPointCount: 9, damage: '9 records are damaged', shown: 'to draw: 9 records are damaged.' },
  { dataPointCount: 100_001, damage: undefined, shown: 'too large for a page to draw' }
])
  it(`tells why a test that counted ${dataPointCount} data points has none to draw`, async () => {
    const document = { ...fakeDocument({ peers: 2, duration: 8 }), dataPoints: [], dataPointCount, damage }
    const model = await modelOf(document)
    assert.ok(renderToString(h(Waiting, { model, needsToken: false })).includes(shown))
  })
