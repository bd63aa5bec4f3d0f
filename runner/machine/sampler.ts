/** The machine's part of a runner's sample: whether it is fit to measure, and what the browser costs. */
import { availableParallelism } from 'node:os'
import type { RunnerSample } from '../../protocol/runner-sample'
import { cpuLimit, memoryLimit } from './cgroup'
import { hostCpu, hostMemory, type HostCpu } from './host'
import { KernelFiles } from './kernel-files'
import { cpuOf, memoryOf, processTree, residentMemoryOf } from './process-tree'

type MachineSample = Pick<RunnerSample, 'interval' | 'cpu' | 'memory'>

/** Samples after which processes are looked for again: to find them takes more than to read them. */
const SEARCH_EVERY = 5

interface Reading {
  at: number
  host: HostCpu
  groupUsed: number
  periods: { total: number; throttled: number }
  browser: number
}

export class MachineSampler {
  private readonly cpu
  private readonly memory
  /** That the browser may keep busy: a fraction if a cgroup limits it. */
  readonly cores: number
  private browserPid: number | undefined
  /** Its processes once the peers are ready, and how many samples ago they were found. */
  private found: { pids: number[]; age: number } | undefined
  /** Bytes by which the resident size exceeded the memory in use, when that was last read. */
  private countedTwice = 0
  private last: Reading

  /** `browserCores` are the cores that the browser may use, if not all; then only these are watched. */
  constructor(
    private readonly browserCores?: readonly number[],
    private readonly files = new KernelFiles(),
    private readonly now = () => performance.now()
  ) {
    this.cpu = cpuLimit(files)
    this.memory = memoryLimit(files)
    this.cores = Math.min(browserCores?.length ?? availableParallelism(), this.cpu?.cores ?? Infinity)
    this.last = this.read([])
  }

  /** Counts this process and its descendants as the browser from now on. */
  watchBrowser(pid: number | undefined): void {
    this.browserPid = pid
  }

  /** Disturbs what is measured: samples follow the resident size, corrected by this reading. */
  readMemory(): void {
    const pids = this.browserPids()
    this.found = { pids, age: 0 }
    this.countedTwice = residentMemoryOf(pids, this.files) - memoryOf(pids, this.files)
  }

  /** Since the previous one. Without /proc and its lists of children the browser's figures are 0. */
  sample(): MachineSample {
    if (this.found && ++this.found.age % SEARCH_EVERY === 0) this.found.pids = this.browserPids()
    const pids = this.found?.pids ?? this.browserPids()
    const previous = this.last
    const current = (this.last = this.read(pids))
    const interval = current.at - previous.at
    return {
      interval,
      cpu: {
        cores: this.cores,
        usage: this.usage(previous, current),
        browser: Math.max(0, current.browser - previous.browser),
        throttled: share(
          current.periods.throttled - previous.periods.throttled,
          current.periods.total - previous.periods.total
        )
      },
      memory: {
        ...this.memoryUse(),
        browser: Math.max(0, residentMemoryOf(pids, this.files) - this.countedTwice)
      }
    }
  }

  private browserPids(): number[] {
    return this.browserPid === undefined ? [] : processTree(this.browserPid, this.files)
  }

  private read(browserPids: readonly number[]): Reading {
    return {
      at: this.now(),
      host: hostCpu(this.files, this.browserCores),
      groupUsed: this.cpu?.used() ?? 0,
      periods: this.cpu?.periods() ?? { total: 0, throttled: 0 },
      browser: cpuOf(browserPids, this.files)
    }
  }

  /** A container is starved by its own quota or by its neighbours: the worse of the two counts. */
  private usage(previous: Reading, current: Reading): number {
    const ofHost = share(current.host.busy - previous.host.busy, current.host.total - previous.host.total)
    const quota = (current.at - previous.at) * (this.cpu?.cores ?? Infinity)
    return Math.max(ofHost, share(current.groupUsed - previous.groupUsed, quota))
  }

  private memoryUse(): { used: number; limit: number } {
    const host = hostMemory(this.files)
    if (!this.memory || this.memory.limit > host.limit) return host
    return { used: this.memory.used(), limit: this.memory.limit }
  }
}

/** part ÷ whole, clamped to 0–1; 0 if `whole` is 0. */
const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0)
