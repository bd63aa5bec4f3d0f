import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { PeerResults } from '../../../protocol/peer-results'
import { encodeAscending } from '../../../protocol/varints'
import { sampleResults } from '../../../server/testing/sample-data'
import { TestModel } from '../../model/test-model'
import { DeliverySection } from './delivery-section'

const SENT = encodeAscending([500], 0)
const HEARD: PeerResults['heard'][string] = [1, 0, 0, 0, 0, 0]

describe('without a pair that lacks messages, the delivery section says', () => {
  const CASES: [what: string, sentTimes: string[], known: 'lost' | 'owed'][] = [
    ['that none is known to be lost', [SENT, SENT], 'lost'],
    ['no more where one list is damaged', [SENT, 'damaged!'], 'lost'],
    ['that nothing was owed to one peer', [SENT], 'owed'],
    ['that nothing was owed where nothing was sent', ['', ''], 'owed'],
    ['that nothing is known of damaged lists', ['damaged!', 'damaged!'], 'owed']
  ]
  for (const [what, sentTimes, known] of CASES)
    it(what, () => {
      const model = new TestModel()
      const heard = Object.fromEntries(sentTimes.map((_, number) => [`${number}`, HEARD]))
      for (const [number, times] of sentTimes.entries()) {
        const results = sampleResults(number, 0, 1000)
        const position = { ...results.messages.position, sentTimes: times }
        const messages = { ...results.messages, position }
        model.addFinalResults([`${number}`, { ...results, messages, heard }])
      }
      const page = renderToString(h(DeliverySection, { model, kind: 'position' }))
      assert.ok(page.includes(`No position message is known to have been ${known}.`), page)
    })
})
