import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeMesh } from '../testing/fake-mesh'
import { deliveryMatrix } from './delivery-matrix'

test('who heard whom: all of one part, nobody of the other, and never oneself', () => {
  const { document, truth } = fakeMesh({ peers: 6, parts: 2 })
  const { peers, received } = deliveryMatrix(document.peerResults)
  assert.equal(peers.length, 6)
  received.forEach((row, receiver) => {
    row.forEach((count, sender) => {
      const hears = receiver !== sender && receiver % 2 === sender % 2
      assert.equal(count > 0, hears, `${receiver} hears ${sender}`)
    })
  })
  const total = received.flat().reduce((sum, count) => sum + count, 0)
  assert.equal(total, truth.position.received + truth.profile.received + truth.chat.received)
})
