import type { Summary } from '../../../protocol/summary'
import { overlap } from '../../presence'
import type { Window } from '../collect/measured-time'
import type { RunnerRecord } from '../collect/runner-record'
import { ratio, sum } from '../../distribution'

/** A runner's samples represent the measured time since it came, however much of it they cover. */
export function machineMetrics(
  runners: readonly RunnerRecord[],
  { from, until }: Window,
  { peerSeconds, delivered }: { peerSeconds: number; delivered: number }
): Summary['machine'] {
  const seconds = (until - from) / 1000
  const carriers = runners.filter(({ wasReady }) => wasReady)
  /** Null without a runner, and if one of them is unknown: its peers count too. */
  const ofAll = (combine: (values: number[]) => number, figure: (runner: RunnerRecord) => number | null) => {
    const known = carriers.map(figure).filter((value) => value !== null)
    return known.length > 0 && known.length === carriers.length ? combine(known) : null
  }
  const total = (figure: 'browserLoad' | 'browserMemory') =>
    ofAll(sum, (runner) => {
      const mean = runner.mean(figure)
      return mean === null ? null : mean * overlap({ joined: runner.since, left: until }, from, until)
    })
  const cpuMs = total('browserLoad')
  // A line through a short part of the test says nothing about the whole.
  const slope = ofAll(sum, ({ memoryTrend }) => (memoryTrend.span >= seconds / 2 ? memoryTrend.slope : null))
  const per = (amount: number | null, parts: number) => (amount === null ? null : ratio(amount, parts))
  return {
    cpuUsageMax: ofAll(greatest, (runner) => runner.mean('usage')),
    throttledMax: ofAll(greatest, (runner) => runner.mean('throttled')),
    cpuMsPerPeerSecond: per(cpuMs, peerSeconds),
    cpuMsPerDelivered: per(cpuMs, delivered),
    memoryPerPeer: per(total('browserMemory'), peerSeconds * 1000),
    memorySlope: per(slope, seconds > 0 ? peerSeconds / seconds : 0)
  }
}

const greatest = (values: readonly number[]) => Math.max(...values)
