/**
 * Real databases for tests: InfluxDB 1.x, VictoriaMetrics, which accepts the same writes, and Prometheus.
 * They listen on loopback and stop with the test.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from './temporary-folder'

export class Influxd {
  private process: ChildProcess | undefined

  private constructor(
    private readonly config: string,
    readonly url: string
  ) {}

  /** Starts a server with its data in a temporary folder. It stops after the test. */
  static async start(t: Pick<TestContext, 'after'>): Promise<Influxd> {
    const folder = temporaryFolder()
    const [http, rpc] = await Promise.all([freePort(), freePort()])
    const config = join(folder, 'influxdb.conf')
    writeFileSync(config, configuration(folder, http, rpc))
    const influxd = new Influxd(config, `http://127.0.0.1:${http}`)
    t.after(() => influxd.stop())
    await influxd.start()
    return influxd
  }

  async start(): Promise<void> {
    this.process = spawn('influxd', ['-config', this.config], { stdio: 'ignore' })
    await untilAnswers(`${this.url}/ping`)
  }

  async stop(): Promise<void> {
    await end(this.process)
    this.process = undefined
  }

  /** The rows of the response's first series, as objects. */
  async query(database: string, q: string): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${this.url}/query?${new URLSearchParams({ db: database, q }).toString()}`)
    const { results } = (await answer.json()) as {
      results: { series?: { columns: string[]; values: unknown[][] }[]; error?: string }[]
    }
    // The relay has not created it yet.
    if (results[0]?.error?.startsWith('database not found') === true) return []
    if (results[0]?.error !== undefined) throw new Error(results[0].error)
    const { columns, values } = results[0]?.series?.[0] ?? { columns: [], values: [] }
    return values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
  }

  /** The number of points in a test that have the field. */
  async count(test: string, field = 'sent', measurement = 'peer_metrics'): Promise<number> {
    const [row] = await this.query(
      'comms',
      `SELECT count("${field}") FROM "${measurement}" WHERE "test" = '${test}'`
    )
    return Number(row?.count ?? 0)
  }
}

/** Starts VictoriaMetrics and returns its address. */
export async function startVictoriaMetrics(t: TestContext): Promise<string> {
  const port = await freePort()
  const child = spawn(
    'victoria-metrics',
    [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${temporaryFolder()}`, '-retentionPeriod=100y'],
    { stdio: 'ignore' }
  )
  t.after(() => end(child))
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(`${url}/health`)
  return url
}

/** Debian's Prometheus. */
export class Prometheus {
  private constructor(private readonly url: string) {}

  static async start(t: TestContext, config: string): Promise<Prometheus> {
    const port = await freePort()
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${temporaryFolder()}`,
        `--web.listen-address=127.0.0.1:${port}`
      ],
      { stdio: 'ignore' }
    )
    t.after(() => end(child))
    const url = `http://127.0.0.1:${port}`
    await untilAnswers(`${url}/-/ready`)
    return new Prometheus(url)
  }

  /** The series that an instant query finds. */
  async query(query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    return (await this.get(`query?${new URLSearchParams({ query }).toString()}`)).result as never
  }

  async get(path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.url}/api/v1/${path}`)
    const { data, error } = (await answer.json()) as { data: Record<string, unknown>; error?: string }
    if (error !== undefined) throw new Error(`${error}: ${path}`)
    return data
  }
}

/** Resolves once `isTrue` returns true. Throws if that hangs: no machine takes that long. */
export async function until(
  isTrue: () => Promise<boolean> | boolean,
  what: string,
  seconds = 300
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`)
    await sleep(100)
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
}

function untilAnswers(url: string): Promise<void> {
  const answers = async () => {
    try {
      return (await fetch(url)).ok
    } catch {
      return false
    }
  }
  return until(answers, `${url} answers`)
}

/**
 * Picks a port below the range of ephemeral ports, so it stays free until its server starts, and while that
 * server is stopped.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

function configuration(folder: string, http: number, rpc: number): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`
}
