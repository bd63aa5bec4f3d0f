/** For tests that measure: on a busy machine their result is void, and says nothing about the product. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { cpuOf, processTree } from '../../runner/machine/process-tree'
import { MachineSampler } from '../../runner/machine/sampler'
import { commandLineOf } from '../../tools/testing/processes'

const INTERVAL_MS = 1000
/** How long to wait for quiet, in seconds. */
const PATIENCE = 60
/** Share of the machine's CPU that others may use, on average and in any interval. */
const OTHERS = { average: 0.1, most: 0.3 }
/** The machine is too small if this share of its CPU was in use in this share of the intervals. */
const OVERLOAD = { usage: 0.9, intervals: 0.25 }
/** In ms. A host that stalls stops this process, too, and peers that dial so much later find others. */
const STALL_MS = 100
const SHOWN = 5

/**
 * Waits for quiet, then measures. If that fails and the machine was busy meanwhile, does so once more, and
 * rejects with an error that begins with "void" if it was busy again.
 */
export async function onQuietMachine(measure: (attempt: number) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await untilQuiet()
    const watch = new Watch()
    try {
      await measure(attempt)
      return
    } catch (error) {
      const trouble = watch.trouble()
      if (trouble === undefined) throw error
      if (attempt === 2) throw new Error(`void: ${trouble}`, { cause: error })
      console.log(`Void, once more: ${trouble}\n${String(error)}`)
    } finally {
      watch.stop()
    }
  }
}

async function untilQuiet(): Promise<void> {
  for (let waited = 0; ; waited++) {
    const watch = new Watch()
    await sleep(INTERVAL_MS)
    watch.stop()
    const trouble = watch.trouble()
    if (trouble === undefined) return
    if (waited === PATIENCE) throw new Error(`void: not measured, after ${PATIENCE} s of waiting: ${trouble}`)
  }
}

/** What this process and its descendants did to the machine, and what all others did. */
class Watch {
  private readonly files = new KernelFiles()
  private readonly sampler = new MachineSampler()
  private readonly timer: NodeJS.Timeout
  private readonly intervals: { others: number; all: number }[] = []
  private readonly delay = monitorEventLoopDelay()
  private cpu = this.cpuOfOthers()
  private readonly busiest = new Map<number, { command: string; ms: number }>()

  constructor() {
    this.delay.enable()
    this.sampler.watchBrowser(process.pid)
    this.sampler.sample()
    this.timer = setInterval(() => this.look(), INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.timer)
    this.delay.disable()
  }

  /** Why a measurement so far is void, if it is. */
  trouble(): string | undefined {
    this.look()
    const averageOf = (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length
    const average = averageOf(this.intervals.map(({ others }) => others))
    const overloaded = averageOf(this.intervals.map(({ all }) => Number(all > OVERLOAD.usage)))
    const most = Math.max(...this.intervals.map(({ others }) => others))
    const percent = (share: number) => `${Math.round(share * 100)}%`
    if (average > OTHERS.average || most > OTHERS.most)
      return `other processes used ${percent(average)} of the CPU, at most ${percent(most)}: ${this.others()}`
    if (overloaded > OVERLOAD.intervals)
      return `this machine is too small: the test kept its CPU busy for ${percent(overloaded)} of the time`
    const stall = Math.round(this.delay.max / 1e6)
    if (stall > STALL_MS) return `this machine or its host stood still for ${stall} ms`
    return undefined
  }

  private look(): void {
    const { interval, cpu } = this.sampler.sample()
    // Too short for a kernel that counts in 10 ms.
    if (interval < INTERVAL_MS / 4) return
    const own = cpu.browser / interval / cpu.cores
    this.intervals.push({ all: cpu.usage, others: Math.max(0, cpu.usage - own) })
    const now = this.cpuOfOthers()
    for (const [pid, ms] of now) {
      const used = ms - (this.cpu.get(pid) ?? ms)
      if (used <= 0) continue
      const known = this.busiest.get(pid) ?? { command: commandLineOf(pid), ms: 0 }
      this.busiest.set(pid, { ...known, ms: known.ms + used })
    }
    this.cpu = now
  }

  private others(): string {
    const sorted = [...this.busiest].sort(([, one], [, other]) => other.ms - one.ms)
    const lines = sorted
      .slice(0, SHOWN)
      .map(([pid, { command, ms }]) => `\n  ${(ms / 1000).toFixed(1)} s: ${command.slice(0, 100)} (${pid})`)
    return lines.length > 0 ? lines.join('') : 'none of this machine, so its host was busy'
  }

  private cpuOfOthers(): Map<number, number> {
    const own = new Set(processTree(process.pid, this.files))
    const pids = this.files
      .list('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && !own.has(pid))
    return new Map(pids.map((pid) => [pid, cpuOf([pid], this.files)]))
  }
}
