/**
 * Lighthouses of layers forget a position that arrives before its peer is in a layer, and keep it after the
 * peer has left (docs/lighthouse.md). Neither may change the mesh of a seed. Runs alone, because peers that
 * dial late on a busy machine find others.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startLighthouse } from '../lighthouse/app'
import { onQuietMachine } from './support/quiet'
import { startClientLab, type ClientLab } from './support/client-page'

describe('the mesh of a seed', () => {
  let lab: ClientLab
  before(async () => {
    lab = await startClientLab()
  })
  after(async () => {
    await lab.close()
  })

  it('has the same links on fresh Lighthouses and on a reused one', () =>
    onQuietMachine(async (attempt) => {
      const [first, second] = [await startLighthouse({ port: 0 }), await startLighthouse({ port: 0 })]
      try {
        const links = []
        for (const [index, { url }] of [first, second, second].entries()) {
          const { last, document } = await lab.runTest(
            `layers-${attempt}-${index}`,
            { expectedPeers: 10, duration: 3, warmup: 1, seed: 7 },
            { numberOfPeers: '10', library: 'layers', lighthouseUrl: url }
          )
          assert.equal(last.phase, 'done', last.error)
          // Ten positions a second, in the 2 s after the warm-up.
          for (const { messages } of Object.values(document.peerResults))
            assert.ok(Math.abs(messages.position.sent - 20) <= 1, `${messages.position.sent} positions`)
          const { delivery } = document.summary!
          assert.ok(Math.abs(delivery.all! - 1) <= 0.005, `${delivery.all}`)
          links.push(document.summary!.provenance.edges)
        }
        assert.ok(links[0]!.length >= 20)
        assert.deepEqual(links[1], links[0], 'both are the first run of their Lighthouse')
        assert.deepEqual(links[2], links[0], 'the Lighthouse remembers the positions of the run before')
      } finally {
        await first.close()
        await second.close()
      }
    }))
})
