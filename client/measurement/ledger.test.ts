import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ledger } from './ledger'

const begun = () => {
  const ledger = new Ledger()
  ledger.begin({ recordFrom: 1000, measured: { from: 2000, until: 3000 } })
  return ledger
}

describe('Ledger', () => {
  it('ignores everything before it begins, and messages sent before', () => {
    const waiting = new Ledger()
    waiting.sent('position', 5000)
    waiting.received('a', 'position', 5000, 5001, 0)
    waiting.wrong('echoes')
    assert.equal(waiting.integrity.echoes, 0)
    assert.deepEqual(waiting.total, { sent: 0, received: 0, duplicates: 0 })

    const ledger = begun()
    ledger.sent('position', 999)
    ledger.received('a', 'position', 999.9, 1001, 0)
    ledger.sendFailed('position', 999)
    ledger.skipped('position', 999)
    const { sendErrors, kinds } = ledger.cutInterval()
    assert.deepEqual([sendErrors, kinds.position.unsent], [0, 0])
    assert.deepEqual(ledger.total, { sent: 0, received: 0, duplicates: 0 })
  })

  it('counts the first arrival of (sender, kind, time) as received and every later one as a duplicate', () => {
    const ledger = begun()
    ledger.received('a', 'position', 2500, 2510, 0)
    ledger.received('a', 'position', 2500, 2512, 1)
    ledger.received('a', 'position', 2500, 2513, 2)
    ledger.received('a', 'profile', 2500, 2510, 0)
    ledger.received('b', 'position', 2500, 2510, 1)
    assert.deepEqual(ledger.total, { sent: 0, received: 3, duplicates: 2 })
    assert.deepEqual(ledger.heard, [
      ['a', [1, 2, 1, 0, 0, 0]],
      ['b', [1, 0, 0, 0, 0, 0]]
    ])
    assert.deepEqual(ledger.measured.hops, [2, 1])
  })

  it("measures by the message's own time, and intervals by its arrival", () => {
    const ledger = begun()
    for (const time of [1500, 1999.9, 2000, 2999.9, 3000]) {
      ledger.sent('chat', time)
      ledger.received('a', 'chat', time, 3500, undefined)
    }
    assert.equal(ledger.measured.kinds.chat.sent, 2)
    assert.deepEqual(ledger.sentTimes.chat, [2000, 2999.9])
    assert.equal(ledger.measured.kinds.chat.received, 2)
    assert.equal(ledger.cutInterval().kinds.chat.received, 5)
    assert.equal(ledger.cutInterval().kinds.chat.received, 0)
    assert.equal(ledger.measured.kinds.chat.received, 2)
    assert.deepEqual(ledger.measured.hops, [])
  })

  it('counts relays that no packet can have as the most or the fewest', () => {
    const ledger = begun()
    ledger.received('a', 'chat', 2500, 2510, 1e5)
    ledger.received('b', 'chat', 2500, 2510, -1)
    assert.deepEqual(ledger.measured.hops, [1, ...Array<number>(30).fill(0), 1])
  })

  it('keeps latencies of first arrivals only, negative ones as 0 and counted', () => {
    const ledger = begun()
    ledger.received('a', 'position', 2500, 2501.5, 0)
    ledger.received('a', 'position', 2500, 2599, 0)
    ledger.received('a', 'position', 2600, 2599, 0)
    const { latency, negativeLatencies } = ledger.measured.kinds.position
    assert.deepEqual(
      [...latency.buckets()],
      [
        [0, 0, 1],
        [1500, 1500, 1]
      ]
    )
    assert.equal(negativeLatencies, 1)
  })

  it('counts send errors apart from what was sent', () => {
    const ledger = begun()
    ledger.sendFailed('chat', 1500)
    ledger.sendFailed('chat', 2500)
    assert.equal(ledger.measured.sendErrors, 1)
    assert.equal(ledger.cutInterval().sendErrors, 2)
    assert.equal(ledger.total.sent, 0)
  })

  it('measures from the due instant as well, and counts owed messages that were never sent', () => {
    const ledger = begun()
    ledger.received('a', 'position', 2500, 2501.5, 0, 300)
    ledger.skipped('position', 1500)
    ledger.skipped('position', 2400)
    ledger.sendFailed('position', 2600)
    const { latency, latencyFromDue, unsent } = ledger.measured.kinds.position
    assert.equal(latency.max, 1500)
    assert.ok(Math.abs(latencyFromDue.max - 301_500) <= 301)
    assert.equal(unsent, 2)
    assert.equal(ledger.cutInterval().kinds.position.unsent, 3)
    assert.equal(ledger.total.sent, 0)
  })
})
