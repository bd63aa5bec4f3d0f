/** The server under test: starts, kills, freezes and restarts it on one folder. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildSync } from 'esbuild'
import { bundledServer } from '../../server/testing/bundle'
import type { DiskFaults } from './disk-faults'

/** How long a start may take on a busy machine. */
const START_MS = 30_000

/** How long to wait for a tester to finish or delete a test. */
const WAIT_FOR_END_MS = 1_500

export interface SiteOptions {
  folder: string
  /** Decides which operations a bad disk fails or delays. */
  seed: number
  influxUrl?: string
  durability: 'fsync' | 'write'
  logIsFull: boolean
}

interface Running {
  process: ChildProcess
  url: string | undefined
  ended: Promise<string>
  hasEnded: boolean
  log: () => string
}

export class Site {
  /** Problems of the process itself. */
  readonly violations: string[] = []
  /** A finish or a deletion is about to be requested. */
  readonly endings = new EventEmitter<{ ending: [] }>()
  private current: Running | undefined
  private readonly expectedDead = new Set<Running>()
  private readonly all: Running[] = []
  private readonly controlFile: string
  private disk: DiskFaults = {}

  constructor(private readonly options: SiteOptions) {
    mkdirSync(options.folder, { recursive: true })
    this.controlFile = `${options.folder}.faults.json`
    this.setDisk({})
  }

  /** The server's URL. A request to it fails while the server is down. */
  get url(): string {
    return this.current?.url ?? 'http://127.0.0.1:1'
  }

  setDisk(disk: DiskFaults): void {
    this.disk = disk
    writeFileSync(`${this.controlFile}.new`, JSON.stringify(disk))
    renameSync(`${this.controlFile}.new`, this.controlFile)
  }

  /** Starts the server, and retries until it runs: while the disk has faults, it may refuse with one line. */
  async ensureUp(): Promise<void> {
    const deadline = Date.now() + START_MS
    for (;;) {
      if (this.current && !this.current.hasEnded && this.current.url !== undefined) return
      const isBad = Object.keys(this.disk).length > 0
      const started = await this.spawn()
      if (started.url !== undefined) {
        this.current = started
        return
      }
      if (!isBad && Date.now() > deadline) {
        this.violations.push(`the server does not start: ${started.log().slice(-300)}`)
        throw new Error('the server does not start')
      }
      await sleep(100)
    }
  }

  async kill(): Promise<void> {
    const { current } = this
    if (!current) return
    this.expectedDead.add(current)
    current.process.kill('SIGKILL')
    await current.ended
    this.current = undefined
  }

  /** Kills the server, and the next one this many ms after its start. */
  async killInStart(after: number): Promise<void> {
    await this.kill()
    const starting = this.spawn()
    await sleep(after)
    const started = this.all.at(-1)!
    this.expectedDead.add(started)
    started.process.kill('SIGKILL')
    await starting
    await started.ended
  }

  /** Kills the server this many ms after a finish or a deletion has begun, if one does. */
  async killInEnd(after: number): Promise<void> {
    const none = new AbortController()
    const began = once(this.endings, 'ending', { signal: none.signal }).catch(() => undefined)
    await Promise.race([began, sleep(WAIT_FOR_END_MS)])
    none.abort()
    await sleep(after)
    await this.kill()
  }

  /** Leaves the process no file descriptors for a while. */
  async starve(ms: number): Promise<void> {
    const { current } = this
    if (!current || current.hasEnded) return
    const prlimit = (...limit: string[]) => {
      // The process may have been killed in the meantime.
      if (!current.hasEnded) execFileSync('prlimit', ['--pid', String(current.process.pid), ...limit])
    }
    prlimit('--nofile=10:')
    await sleep(ms)
    prlimit('--nofile=1024:')
  }

  /** Pauses the process for a while, as on a busy or suspended machine. */
  async freeze(ms: number): Promise<void> {
    const { current } = this
    current?.process.kill('SIGSTOP')
    await sleep(ms)
    current?.process.kill('SIGCONT')
  }

  /** Starts another server on the folder of this one, which may be suspended: it must refuse. */
  async startSecond(whileFrozen: boolean): Promise<void> {
    const { current } = this
    if (!current || current.hasEnded) return
    if (whileFrozen) current.process.kill('SIGSTOP')
    const second = await this.spawn()
    if (second.url !== undefined) {
      this.violations.push('two servers serve one folder')
      this.expectedDead.add(second)
      second.process.kill('SIGKILL')
      await second.ended
    }
    current.process.kill('SIGCONT')
  }

  /** Kills the server and starts two new ones on its folder at the same time. */
  async killAndStartTwo(): Promise<void> {
    await this.kill()
    const both = await Promise.all([this.spawn(), this.spawn()])
    const up = both.filter(({ url }) => url !== undefined)
    if (up.length === 2) this.violations.push('two servers that start at once both serve')
    if (up[0]) this.current = up[0]
    for (const other of up.slice(1)) {
      this.expectedDead.add(other)
      other.process.kill('SIGKILL')
    }
  }

  async stop(): Promise<void> {
    for (const running of this.all) {
      this.expectedDead.add(running)
      running.process.kill('SIGCONT')
      running.process.kill('SIGKILL')
      await running.ended
    }
  }

  private async spawn(): Promise<Running> {
    const { folder, seed, influxUrl, durability, logIsFull } = this.options
    const log = logIsFull ? openSync('/dev/full', 'w') : ('pipe' as const)
    const child = spawn(process.execPath, ['--require', preload(), bundledServer(), '--port', '0'], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        TEST_RESULTS_LOCATION: folder,
        DURABILITY: durability,
        LOG_LEVEL: 'warn',
        DISK_FAULTS_FOLDER: folder,
        DISK_FAULTS_FILE: this.controlFile,
        DISK_FAULTS_SEED: String(seed + this.all.length),
        ...(influxUrl !== undefined && { INFLUX_URL: influxUrl })
      },
      stdio: ['ignore', 'pipe', log]
    })
    if (typeof log === 'number') closeSync(log)
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4_000)))
    const running: Running = {
      process: child,
      url: undefined,
      hasEnded: false,
      log: () => text,
      ended: new Promise((resolve) =>
        child.once('exit', (code, signal) => {
          running.hasEnded = true
          this.noteEnd(running, String(code ?? signal))
          resolve(String(code ?? signal))
        })
      )
    }
    this.all.push(running)
    await new Promise<void>((resolve, reject) => {
      let output = ''
      child.stdout!.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        const [, url] = /on (http:\S+),/.exec(output) ?? []
        if (url === undefined) return
        running.url = url
        resolve()
      })
      running.ended.then(() => resolve(), reject)
    })
    return running
  }

  /** A server that has started serving may end only if the campaign stops it. */
  private noteEnd(running: Running, how: string): void {
    if (running.url === undefined || this.expectedDead.has(running)) return
    this.violations.push(`the server ended by itself (${how}): ${running.log().slice(-600)}`)
  }
}

let preloaded: string | undefined

/** The disk's faults as a single JavaScript file, next to the bundled server. */
function preload(): string {
  if (preloaded !== undefined) return preloaded
  preloaded = join(dirname(bundledServer()), 'disk-faults.js')
  buildSync({
    entryPoints: [join(__dirname, 'disk-faults.ts')],
    outfile: preloaded,
    platform: 'node',
    bundle: true
  })
  return preloaded
}
