/** What the runners tell of their machines, and what comes of it. */
import type { StoredSample } from '../../../protocol/results-document'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { Summary } from '../../../protocol/summary'
import { ratio, sum } from '../../distribution'
import { overlap } from '../../presence'
import { contains, type Window } from '../collect/measured-time'
import { Trend } from './trend'

/** In a runner's words. */
const CRASH = /^(Tab \d+ (crashed|was closed)|The browser has crashed)/

export class RunnerRecord {
  provenance: RunnerProvenance | undefined
  peers = 0
  /** Whether its peers were ever ready: a runner that failed before had none in the mesh. */
  wasReady = false
  crashedTabs = 0
  /** How it told of the first crash. */
  crash: string | undefined
  errors: string[] = []
  /** What spoilt the test, in its words. */
  disturbance: string | undefined
  /** When its first sample began, in ms of the server's clock. */
  since = Infinity
  private last: { sequence: number; at: number } | undefined
  /** ms covered by the counted samples. */
  private coveredMs = 0
  /** Its browser's memory over time, from its peers being ready to the end of the routines: s and bytes. */
  readonly memoryTrend = new Trend()
  /** The means of the counted samples, times {@link coveredMs}. */
  private readonly totals = {
    /** Share of its cores that was busy, and the part of that due to its browser's processes. */
    usage: 0,
    browserUsage: 0,
    /** Share of scheduler periods. */
    throttled: 0,
    /** Bytes, and CPU time in ms per ms. */
    browserMemory: 0,
    browserLoad: 0
  }

  constructor(readonly id: string) {}

  addSample(sample: StoredSample, measured: Window): void {
    this.provenance = sample.provenance ?? this.provenance
    this.disturbance ??= sample.disturbance
    this.peers = Math.max(this.peers, sample.peers.wanted)
    this.crash ??= sample.errors.find((error) => CRASH.test(error))
    this.crashedTabs = Math.max(this.crashedTabs, sample.tabs.crashed)
    if (this.errors.length === 0) this.errors = sample.errors
    const { state, sequence, timestamp, interval, cpu, memory } = sample
    const isReady = state === 'ready' || state === 'running'
    this.wasReady ||= isReady
    const { last } = this
    // Sent again, because the answer was lost.
    if (sequence === last?.sequence) return
    // One that waited for the server was taken before it arrived: its interval after the one before it.
    const at = last?.sequence === sequence - 1 ? Math.min(timestamp, last.at + interval) : timestamp
    this.last = { sequence, at }
    this.since = Math.min(this.since, at - interval)
    if (isReady && at <= measured.until && memory.browser > 0) this.memoryTrend.add(at / 1000, memory.browser)
    if (!contains(measured, at - interval / 2)) return
    this.coveredMs += interval
    this.totals.usage += cpu.usage * interval
    this.totals.throttled += cpu.throttled * interval
    this.totals.browserMemory += memory.browser * interval
    this.totals.browserLoad += cpu.browser
    if (cpu.cores > 0) this.totals.browserUsage += cpu.browser / cpu.cores
  }

  /** Null without a sample. Of the browser also if nobody read it, as on macOS: one that runs uses memory. */
  mean(figure: keyof RunnerRecord['totals']): number | null {
    const isRead = !figure.startsWith('browser') || this.totals.browserMemory > 0
    return isRead && this.coveredMs > 0 ? this.totals[figure] / this.coveredMs : null
  }
}

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
