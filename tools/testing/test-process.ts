/** A process that runs test files, watched: one that hangs is ended, and its failure says what held it up. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { News } from './reporter'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { processTree } from '../../runner/machine/process-tree'
import { commandLineOf, processesWith } from './processes'

/** ms that a process gets to say what holds it up, and what it started to end after it. */
const GRACE = 5000
/** ms in which a process loads its files and begins a test, on any machine. */
const LOADING = 120_000

export interface Failure {
  /** The file and the names down to the test's. */
  test: string
  reason: string
}

export interface Outcome {
  passed: number
  failures: Failure[]
  /** How long each file took, in the order in which they ended. */
  seconds: Map<string, number>
  output: string
}

interface Program {
  /** Loads the files. */
  path: string
  files: readonly string[]
  reporter: string
}

export class TestProcess {
  readonly begun = performance.now()
  /** In the environment of all that it starts, test processes of its own included: so the name is unique. */
  private readonly mark = `TEST_PROCESS_${randomUUID()}=1`
  private readonly child: ChildProcess
  private readonly outcome: Outcome = { passed: 0, failures: [], seconds: new Map(), output: '' }
  /** Names of those that run, from the outermost on, by their place. */
  private readonly current = new Map<string, { path: string[]; begun: number }>()
  private readonly beginning: string[] = []
  private readonly inTurn: string[] = []
  private handles: string[] | undefined
  private hanging: Promise<void> | undefined
  private watch: NodeJS.Timeout | undefined

  /** @param patience ms without news from a test after which it hangs. */
  constructor(
    private readonly program: Program,
    private readonly patience: number,
    loading = LOADING
  ) {
    const [name, value] = this.mark.split('=') as [string, string]
    const reporter = ['--test-reporter', program.reporter, '--test-reporter-destination', 'stdout']
    this.child = spawn(process.execPath, ['--enable-source-maps', ...reporter, program.path], {
      // node:test must not take it for the child of another runner.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, [name]: value },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true
    })
    const collect = (chunk: Buffer) => (this.outcome.output += chunk.toString())
    this.child.stdout!.on('data', collect)
    this.child.stderr!.on('data', collect)
    this.child.on('message', (news) => this.hear(news as News))
    this.expectNews(Math.max(patience, loading))
  }

  /** The innermost test that runs, and for how many seconds it has; the files while none does. */
  get running(): { test: string; seconds: number } {
    const { path, begun } = [...this.current.values()].sort((a, b) => b.path.length - a.path.length)[0] ?? {
      path: this.program.files.length > 1 ? [`${this.program.files.length} files`] : this.program.files,
      begun: this.begun
    }
    return { test: path.join(' › '), seconds: (performance.now() - begun) / 1000 }
  }

  async ended(): Promise<Outcome> {
    const closed = once(this.child, 'close')
    const [code, signal] = (await once(this.child, 'exit')) as [number | null, string | null]
    clearTimeout(this.watch)
    // What it says may end the process at once, if its files still load.
    await this.hanging
    await this.endWhatItLeft()
    await Promise.race([closed, sleep(GRACE, undefined, { ref: false })])
    this.judgeEnd(signal ?? `code ${code}`)
    return this.outcome
  }

  /** Whatever the tests reported: what they did not report may have failed. */
  private judgeEnd(code: string): void {
    const { failures, passed, seconds } = this.outcome
    if (this.hanging) return
    for (const file of this.program.files)
      if (!seconds.has(file)) this.fail(`its process ended before its tests did, with ${code}`, file)
    if (failures.length > 0) return
    if (code !== 'code 0') this.fail(`its process ended with ${code} although no test failed`)
    else if (passed === 0) this.fail('its process ended without a test')
  }

  /** Ends the process and all that it started. */
  kill(): void {
    // A process that is just being started has no environment yet.
    const pids = [...processTree(this.child.pid!, new KernelFiles()), ...processesWith(this.mark)]
    try {
      process.kill(-this.child.pid!, 'SIGKILL')
    } catch {
      // It has ended.
    }
    for (const pid of pids) killOne(pid)
  }

  private hear(news: News): void {
    if (news.type === 'is held by') {
      this.handles = news.handles
      return
    }
    switch (news.type) {
      case 'begins':
        this.beginning.splice(news.nesting, Infinity, news.name)
        this.current.set(news.place, { path: [...this.beginning], begun: performance.now() })
        break
      case 'ends':
        this.current.delete(news.place)
        if (this.program.files.includes(news.name)) this.outcome.seconds.set(news.name, news.seconds)
        break
      case 'in turn':
        this.inTurn.splice(news.nesting, Infinity, news.name)
        break
      case 'passes':
        this.outcome.passed++
        break
      case 'fails':
        this.fail(news.reason, this.inTurn.slice(0, news.nesting + 1).join(' › '))
        break
    }
    this.expectNews()
  }

  /** A process whose tests have all ended has nothing left to do, so it gets less time. */
  private expectNews(patience = this.isIdle ? this.patience / 5 : this.patience): void {
    clearTimeout(this.watch)
    this.watch = setTimeout(() => {
      this.hanging = this.endHanging(patience / 1000)
    }, patience)
  }

  private get isIdle(): boolean {
    return this.current.size === 0 && this.inTurn.length > 0
  }

  private async endHanging(seconds: number): Promise<void> {
    const { test } = this.running
    const what =
      this.current.size > 0 ? 'the test does not end' : 'no test runs, but the process does not end'
    this.child.kill('SIGUSR2')
    const grace = Math.min(GRACE, this.patience)
    for (let waited = 0; waited < grace && this.handles === undefined; waited += 100) await sleep(100)
    const held = this.handles ?? ['code that blocks its event loop']
    const list = held.map((handle) => `\n  ${handle}`).join('') || ' the test alone'
    const reason = `hangs: ${what}, ${seconds} s without news. The process is kept alive by:${list}`
    this.fail(reason, test)
    this.outcome.output += `✖ ${test}: ${reason}\n`
    this.kill()
  }

  private fail(reason: string, test = this.running.test): void {
    this.outcome.failures.push({ test, reason })
  }

  private async endWhatItLeft(): Promise<void> {
    let left = processesWith(this.mark)
    for (let waited = 0; waited < GRACE && left.length > 0; waited += 100) {
      await sleep(100)
      left = processesWith(this.mark)
    }
    for (const pid of left) {
      this.outcome.output += `✖ Left running by ${this.program.files.join(', ')}, and ended now: process ${pid}: ${commandLineOf(pid)}\n`
      killOne(pid)
    }
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
