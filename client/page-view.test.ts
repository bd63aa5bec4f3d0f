import assert from 'node:assert/strict'
import { it } from 'node:test'
import { deliveryTile } from './page-view'
import type { TestRun } from './test-run'

for (const { received, shown } of [
  { received: 3000, shown: '100%' },
  { received: 2999, shown: '99.9%' },
  { received: 0, shown: '0%' }
])
  it(`The page shows ${received} of 3000 messages as ${shown}`, () => {
    const peer = (id: string, heard: number) => ({
      id,
      ledger: { total: { sent: 1500 }, receivedFrom: (from: string) => (from === id ? 0 : heard) }
    })
    const meshPeers = [peer('a', Math.min(received, 1500)), peer('b', Math.max(0, received - 1500))]
    const run = { slots: [1, 2], meshPeers, departed: [] } as unknown as TestRun
    assert.equal(deliveryTile(run)[1], shown)
  })
