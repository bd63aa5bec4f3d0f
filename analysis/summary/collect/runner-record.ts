import type { StoredSample } from '../../../protocol/results-document'
import type { RunnerProvenance } from '../../../protocol/runner-sample'
import type { MeasuredTime } from './measured-time'
import { Trend } from './trend'

/** One runner's samples, as sums over the measured time. */
export class RunnerRecord {
  provenance: RunnerProvenance | undefined
  peers = 0
  /** Whether its peers were ever ready: a runner that failed before had none in the mesh. */
  wasReady = false
  crashedTabs = 0
  errors: string[] = []
  /** ms covered by the counted samples. */
  coveredMs = 0
  /** Its browser's memory over time, from its peers being ready to the end of the routines: s and bytes. */
  readonly memoryTrend = new Trend()
  private usageMs = 0
  private browserMs = 0
  private throttledMs = 0
  private memoryMs = 0
  private browserCpuMs = 0

  constructor(readonly id: string) {}

  addSample(sample: StoredSample, measured: MeasuredTime): void {
    this.provenance = sample.provenance ?? this.provenance
    this.peers = Math.max(this.peers, sample.peers.wanted)
    this.crashedTabs = Math.max(this.crashedTabs, sample.tabs.crashed)
    if (this.errors.length === 0) this.errors = sample.errors
    const { state, timestamp, memory } = sample
    const isReady = state === 'ready' || state === 'running'
    this.wasReady ||= isReady
    if (isReady && timestamp <= measured.plannedEnd && memory.browser > 0)
      this.memoryTrend.add(timestamp / 1000, memory.browser)
    if (!measured.contains(sample.timestamp - sample.interval / 2)) return
    this.coveredMs += sample.interval
    this.usageMs += sample.cpu.usage * sample.interval
    this.throttledMs += sample.cpu.throttled * sample.interval
    this.memoryMs += memory.browser * sample.interval
    this.browserCpuMs += sample.cpu.browser
    if (sample.cpu.cores > 0) this.browserMs += sample.cpu.browser / sample.cpu.cores
  }

  /** Mean share of its cores that was busy, 0 to 1. Null without a sample in the measured time. */
  get usage(): number | null {
    return this.mean(this.usageMs)
  }

  /** The part of {@link usage} due to its browser's processes, 0 to 1. */
  get browserUsage(): number | null {
    return this.ofBrowser(this.browserMs)
  }

  /** Mean share of scheduler periods in which it was throttled, 0 to 1. */
  get throttled(): number | null {
    return this.mean(this.throttledMs)
  }

  /** Mean memory of its browser's processes, in bytes. */
  get browserMemory(): number | null {
    return this.ofBrowser(this.memoryMs)
  }

  /** CPU time of its browser's processes, in ms per ms. */
  get browserLoad(): number | null {
    return this.ofBrowser(this.browserCpuMs)
  }

  /** Null if nobody read it, as on macOS: a browser that runs always uses memory. */
  private ofBrowser(total: number): number | null {
    return this.memoryMs > 0 ? this.mean(total) : null
  }

  private mean(total: number): number | null {
    return this.coveredMs > 0 ? total / this.coveredMs : null
  }
}
