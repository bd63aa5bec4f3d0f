import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeDocument, fakeMesh } from '../testing/fake-mesh'
import { START, type FakeOptions } from '../testing/fake-options'
import { plainSentence } from './plain-sentence'
import { summarize } from './summarize'
import { summaryText } from './summary-text'

const cases: [string, FakeOptions, string][] = [
  [
    'a valid test',
    { delay: 4, peers: 6 },
    '6 peers running decentraland-katalyst-peer@0.2.20 exchanged messages in real browsers; the figures cover 15 s. ' +
      '100% of the messages arrived, 95% of them within 4 ms. The result is valid: the machines kept up and the mesh was whole at the end.'
  ],
  [
    'a void test',
    { delay: 4, loss: 0.1, cpuUsage: 0.95 },
    '10 peers running decentraland-katalyst-peer@0.2.20 exchanged messages in real browsers; the figures cover 15 s. ' +
      '90% of the messages arrived, 95% of them within 4 ms. This test is void (reason below): ignore its figures.'
  ],
  [
    'a test without peers',
    { peers: 0 },
    'No peer took part, so nothing was measured. This test is void (reason below): ignore its figures.'
  ],
  [
    'a test of older clients',
    { peers: 4, olderClients: true },
    '4 peers exchanged messages in real browsers; the figures cover 15 s. Nobody knows what arrived: no peer submitted its final results. ' +
      'This test is void (reason below): ignore its figures.'
  ],
  [
    'a test whose peers all died, of which the data points tell',
    { delay: 4, peers: 3, killed: () => 12 },
    '3 peers exchanged messages in real browsers; the figures cover 7 s. 100% of the messages arrived, 95% of them within 4 ms. ' +
      'This test is void (reason below): ignore its figures.'
  ],
  [
    'a missed threshold',
    { delay: 4, thresholds: ['delivery.all>1', 'delivery.all>0'] },
    '10 peers running decentraland-katalyst-peer@0.2.20 exchanged messages in real browsers; the figures cover 15 s. ' +
      '100% of the messages arrived, 95% of them within 4 ms. The result is valid, and 1 of 2 thresholds were missed.'
  ]
]
for (const [name, options, sentence] of cases) {
  test(`${name} in plain words`, () => assert.equal(plainSentence(fakeDocument(options).summary!), sentence))
}

for (const runners of [0, 2])
  test(`machines of which one did not tell its CPU are not said to have kept up: ${runners} runners`, () => {
    const { document } = fakeMesh({ peers: 6, runners })
    // It knows its machine in the warm-up alone.
    document.runnerSamples = document.runnerSamples.filter(
      ({ runnerId, timestamp }) => runnerId !== 'runner-0' || timestamp <= START + 4000
    )
    const summary = summarize(document)
    assert.deepEqual([summary.verdict, summary.machine.cpuUsageMax], ['valid', null])
    assert.match(plainSentence(summary), /whole at the end\. Not every machine's CPU was measured\.$/)
    assert.match(
      summaryText(summary),
      /Validity: valid \(by the ticks of pages: not every CPU was measured\)\n$/
    )
  })

test('a mesh that was split for a while is not said to have been whole throughout', () => {
  const { document } = fakeMesh({ peers: 6 })
  for (const { sequence, metrics } of document.dataPoints)
    if (sequence >= 8 && sequence < 12) metrics.connectedPeers = []
  const summary = summarize(document)
  assert.deepEqual([summary.verdict, summary.mesh.componentsMax], ['valid', 6])
  assert.match(plainSentence(summary), /the mesh was whole at the end\.$/)
})
