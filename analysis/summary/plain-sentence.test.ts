import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeDocument } from '../testing/fake-mesh'
import type { FakeOptions } from '../testing/fake-options'
import { plainSentence } from './plain-sentence'

const cases: [string, FakeOptions, string][] = [
  [
    'a valid test',
    { delay: 4, peers: 6 },
    '6 simulated peers of decentraland-katalyst-peer 0.2.20 sent each other messages; 15 s of it were measured. ' +
      '100 % of the messages arrived, 95 % of them within 4 ms. The result is valid: the machines kept up and the mesh was whole.'
  ],
  [
    'a void test',
    { delay: 4, loss: 0.1, cpuUsage: 0.95 },
    '10 simulated peers of decentraland-katalyst-peer 0.2.20 sent each other messages; 15 s of it were measured. ' +
      '90 % of the messages arrived, 95 % of them within 4 ms. Do not trust these figures: the test is void, for one reason given below.'
  ],
  [
    'a missed threshold',
    { delay: 4, thresholds: ['delivery.all>1', 'delivery.all>0'] },
    '10 simulated peers of decentraland-katalyst-peer 0.2.20 sent each other messages; 15 s of it were measured. ' +
      '100 % of the messages arrived, 95 % of them within 4 ms. The result is valid, and 1 of 2 thresholds were missed.'
  ]
]
for (const [name, options, sentence] of cases) {
  test(`${name} in plain words`, () => {
    assert.equal(plainSentence(fakeDocument(options).summary!), sentence)
  })
}
