/**
 * What real Lighthouses of islands do and a simple one would not (docs/lighthouse.md), as seen by the client:
 * they assign nothing to an id that reconnects immediately, and place newcomers every 2 s.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { ResultsDocument } from '../protocol/results-document'
import { startClientLab, type ClientLab } from './support/client-page'

const SEED = 7

describe('on a Lighthouse that behaves like the real ones', () => {
  let lab: ClientLab
  before(async () => {
    lab = await startClientLab()
  })
  after(async () => {
    await lab.close()
  })

  /** A short run of five peers, by default with the lab's Lighthouse. */
  async function run(testId: string, parameters: Record<string, string>): Promise<ResultsDocument> {
    const { last, document } = await lab.runTest(
      testId,
      { expectedPeers: 5, duration: 3, warmup: 1, seed: SEED },
      { numberOfPeers: '5', ...parameters }
    )
    assert.equal(last.phase, 'done', last.error)
    return document
  }

  it('islands: two runs of one seed in quick succession both get islands, and deliver everything', async () => {
    const ids: string[][] = []
    for (const testId of ['islands-a', 'islands-b']) {
      const { summary, peerResults } = await run(testId, { library: 'islands', peerIds: 'test' })
      ids.push(Object.keys(peerResults))
      assert.ok(summary!.delivery.all! >= 0.995, `${summary!.delivery.all}`)
      assert.ok(Object.values(peerResults).every(({ group }) => group !== undefined))
    }
    assert.ok(!ids[0]!.some((id) => ids[1]!.includes(id)))
  })

  it('islands: peers that return in the last interval do not look like a split mesh', async () => {
    // With this seed, three of six peers come back in the sixteenth second.
    const { last, document } = await lab.runTest(
      'late',
      { expectedPeers: 6, duration: 16, warmup: 1, seed: 722 },
      { numberOfPeers: '6', library: 'islands', routine: 'churn' }
    )
    assert.equal(last.phase, 'done', last.error)
    const { summary, started, peerResults } = document
    const joined = Object.values(peerResults).map(({ presence }) => presence.joined - started!)
    const late = joined.filter((at) => at > 14_000)
    assert.ok(late.length >= 2, `joined after ${joined.join(', ')} ms`)
    assert.deepEqual(
      summary!.reasons.filter(({ rule }) => rule === 'split-mesh'),
      []
    )
    assert.equal(summary!.mesh.components, 1)
  })
})
