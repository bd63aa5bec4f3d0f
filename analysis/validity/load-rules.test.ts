import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResultsDocument } from '../../protocol/results-document'
import type { FakeOptions } from '../testing/fake-options'
import { reasonsOf } from '../testing/reasons'

describe('The advice against overload', () => {
  const adviceOf = (options: FakeOptions, spoil?: (document: ResultsDocument) => void) =>
    reasonsOf(options, spoil).find(({ rule }) => rule === 'cpu' || rule === 'tick-lateness')!.advice

  test('says how many peers this machine carries, by its CPU', () =>
    assert.match(
      adviceOf({ peers: 20, cpuUsage: 0.98, delay: 100 }),
      /^This machine can run about 16 peers of this test, not 20/
    ))

  test('counts what a saturated machine did not manage as asked for', () => {
    // The demanded load is 1 ÷ 0.5 of the machine: 40 × √(0.7 ÷ 2).
    assert.match(
      adviceOf({ peers: 40, cpuUsage: 1, loss: 0.5 }),
      /can run about 23 peers of this test, not 40/
    )
  })

  test('counts what it did not even send as asked for too', () =>
    assert.match(
      adviceOf({ peers: 40, cpuUsage: 1, sending: 0.25 }),
      /can run about 16 peers of this test, not 40/
    ))

  test('names the tightest machine of several', () => {
    const advice = adviceOf({ runners: 2, cpuUsage: 0.95 }, ({ runnerSamples }) => {
      for (const { runnerId, cpu } of runnerSamples) if (runnerId === 'runner-0') cpu.usage = 0.5
    })
    assert.match(advice, /The machine of runner runner-1 can run about 3 peers/)
  })

  test('names other processes that used much of the CPU', () => {
    const advice = adviceOf({ cpuUsage: 1 }, ({ runnerSamples }) => {
      for (const { cpu } of runnerSamples) cpu.browser /= 2
    })
    assert.match(advice, /^Other processes had 50% of the CPU of runner-0: end them\./)
    assert.match(advice, /Without them it should run about 11 peers/)
  })

  test('mentions the other cores where the browser kept to one', () => {
    const advice = adviceOf({ cpuUsage: 0.95 }, ({ runners }) => {
      runners[0]!.provenance!.ownCore = true
    })
    assert.match(
      advice,
      /about 8 peers .* leave out BROWSER_CORE and --cpus, or compare with --design one-after-the-other\.$/
    )
  })

  test('points to calibration where no CPU was measured', () => {
    const advice = adviceOf({ tickLateness: () => 80 }, (document) => {
      document.runnerSamples = []
    })
    assert.match(advice, /npx peer-perf calibrate/)
  })
})
