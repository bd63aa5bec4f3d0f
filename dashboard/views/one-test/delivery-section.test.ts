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
  const CASES: [what: string, ids: string[], sentTimes: string, says: RegExp][] = [
    ['that all were heard', ['a', 'b'], SENT, /Every peer heard every position message of every other/],
    ['that nothing was owed to one peer', ['a'], SENT, /No position message is known to have been owed/],
    ['that nothing was owed where nothing was sent', ['a', 'b'], '', /No position message is known/],
    ['that nothing is known of damaged lists', ['a', 'b'], 'damaged!', /No position message is known/]
  ]
  for (const [what, ids, sentTimes, says] of CASES)
    it(what, () => {
      const model = new TestModel()
      for (const [number, id] of ids.entries()) {
        const results = sampleResults(number, 0, 1000)
        const position = { ...results.messages.position, sentTimes }
        const heard = Object.fromEntries(ids.map((other) => [other, HEARD]))
        model.addFinalResults(id, { ...results, messages: { ...results.messages, position }, heard })
      }
      assert.match(renderToString(h(DeliverySection, { model, kind: 'position' })), says)
    })
})
