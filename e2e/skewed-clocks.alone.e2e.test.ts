/** It runs alone, because what a busy machine adds to the latency differs between two pages. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Histogram } from '../protocol/histogram'
import { startClientLab, type ClientLab } from './support/client-page'
import { onQuietMachine } from './support/quiet'

describe('pages whose clocks are wrong', () => {
  let lab: ClientLab
  before(async () => {
    lab = await startClientLab()
  })
  after(async () => {
    await lab.close()
  })

  it('recovers latencies between pages whose clocks are 250 ms off and drift by 100 ppm, within the stated error', () =>
    onQuietMachine(async (attempt) => {
      const id = `skewed-${attempt}`
      await lab.client.createTest(id, { expectedPeers: 2, duration: 6, warmup: 1, seed: 3 })
      const skews = [
        { milliseconds: 250, ppm: 100 },
        { milliseconds: -250, ppm: -100 }
      ]
      const pages = skews.map((skew, number) =>
        lab.open(
          { testId: id, statsSubmitInterval: '500', firstPeerNumber: `${number}` },
          { prepare: (page) => page.evaluateOnNewDocument(skewClock, skew) }
        )
      )
      // One that fails keeps the other waiting for it.
      await Promise.all(
        pages.map(async (opened) => {
          const { phase, error } = await (await opened).ended
          assert.equal(phase, 'done', error)
        })
      )
      await lab.client.finishTest(id)
      const allResults = Object.values((await lab.client.getDocument(id)).peerResults).sort(
        (a, b) => a.number - b.number
      )
      const bound = allResults.reduce((total, { clock }) => total + clock.error, 0)
      assert.ok(bound < 50, `${bound}`)
      // Clock skew makes one direction look longer and the other shorter by the same amount, so their mean is
      // free of it.
      const medians = allResults.map(
        ({ messages }) => Histogram.decode(messages.position.latency).percentile(50) / 1000
      )
      const latency = (medians[0]! + medians[1]!) / 2
      for (const [index, { clock, messages }] of allResults.entries()) {
        const { milliseconds, ppm } = skews[index]!
        // The drift accumulated during the page's lifetime, at most a minute.
        const drifted = Math.abs(ppm) * 1e-6 * 60_000
        assert.ok(Math.abs(clock.offset + milliseconds) <= clock.error + drifted, JSON.stringify(clock))
        assert.ok(messages.position.received >= 45, `${messages.position.received}`)
        assert.ok(Math.abs(medians[index]! - latency) <= bound, `${medians.join(' and ')} ms ± ${bound}`)
      }
    }))
})

/** Runs in the page before anything else: its clock is ahead and drifts, however it is read. */
function skewClock({ milliseconds, ppm }: { milliseconds: number; ppm: number }): void {
  const drifted = (time: number) => time * (1 + ppm * 1e-6)
  const now = performance.now.bind(performance)
  const entriesOf = performance.getEntriesByName.bind(performance)
  const { timeOrigin } = performance
  Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + milliseconds })
  performance.now = () => drifted(now())
  performance.getEntriesByName = (...query) =>
    entriesOf(...query).map((entry) => {
      const { requestStart, responseStart } = entry as PerformanceResourceTiming
      const skewed = { requestStart: drifted(requestStart), responseStart: drifted(responseStart) }
      return Object.assign(entry.toJSON() as PerformanceEntry, skewed)
    })
}
