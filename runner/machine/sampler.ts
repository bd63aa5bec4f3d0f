/** The machine's part of a runner's sample: whether it is fit to measure, and what the browser costs. */
import { availableParallelism } from 'node:os'
import type { RunnerSample } from '../../protocol/runner-sample'
import { cpuLimits, memoryLimit } from './cgroup'
import { hostCpu, hostMemory, type HostCpu } from './host'
import { KernelFiles } from './kernel-files'
import { cpuOf, memoryOf, processTree, residentMemoryOf } from './process-tree'

type MachineSample = Pick<RunnerSample, 'interval' | 'cpu' | 'memory'>

/** Samples after which processes are looked for again: to find them takes more than to read them. */
const SEARCH_EVERY = 5

interface Reading {
  at: number
  host: HostCpu
  /** Of each level that limits the CPU. */
  groups: { used: number; periods: number; throttled: number }[]
  browser: number
}

export class MachineSampler {
  private readonly limits
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
    this.limits = cpuLimits(files)
    this.memory = memoryLimit(files)
    this.cores = Math.min(browserCores?.length ?? availableParallelism(), this.limits[0]?.cores ?? Infinity)
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
    const ofHost = share(current.host.busy - previous.host.busy, current.host.total - previous.host.total)
    const groups = this.groupShares(previous, current)
    return {
      interval,
      cpu: {
        cores: this.cores,
        // A container is starved by its quotas or by its neighbours: the worst of them counts.
        usage: Math.max(ofHost, ...groups.map(({ usage }) => usage)),
        browser: Math.max(0, current.browser - previous.browser),
        throttled: Math.max(0, ...groups.map(({ throttled }) => throttled))
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
      groups: this.limits.map(({ read }) => read()),
      browser: cpuOf(browserPids, this.files)
    }
  }

  /** Of each level that limits the CPU: shares of its quota that were used, and of its periods throttled. */
  private groupShares(previous: Reading, current: Reading) {
    return this.limits.map(({ cores }, level) => {
      const [before, now] = [previous.groups[level]!, current.groups[level]!]
      return {
        usage: share(now.used - before.used, (current.at - previous.at) * cores),
        throttled: share(now.throttled - before.throttled, now.periods - before.periods)
      }
    })
  }

  private memoryUse(): { used: number; limit: number } {
    const host = hostMemory(this.files)
    if (!this.memory || this.memory.limit > host.limit) return host
    return { used: this.memory.used(), limit: this.memory.limit }
  }
}

/** part ÷ whole, clamped to 0–1; 0 if `whole` is 0. */
const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0)
