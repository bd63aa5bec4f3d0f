/** Writes batches to InfluxDB until it has them: nothing is given up but what it refuses for good, and that is counted and told. */
import { setTimeout as sleep } from 'node:timers/promises'
import { InfluxDB, type IPoint } from 'influx'

export interface InfluxTarget {
  url: string
  database: string
  username?: string
  password?: string
  token?: string
}

export interface WriterStatus {
  connected: boolean
  written: number
  dropped: number
  failures: number
  lastError?: string
}

const REQUEST_TIMEOUT_MS = 10_000
const LONGEST_PAUSE_MS = 5_000

export class InfluxWriter {
  readonly status: WriterStatus = { connected: false, written: 0, dropped: 0, failures: 0 }
  private readonly influx: InfluxDB
  private databaseExists = false
  /** Fields that are of another type in the database, as "measurement.field": an older tool wrote them. */
  private readonly clashing = new Set<string>()

  constructor(
    private readonly target: InfluxTarget,
    private readonly warn: (message: string) => void
  ) {
    this.influx = connect(target)
  }

  /** Resolves when InfluxDB has accepted or refused every point; never rejects, but waits as long as it is away. */
  async write(points: IPoint[]): Promise<void> {
    const writable = this.withoutClashes(points)
    if (writable.length < points.length)
      this.drop(points.length - writable.length, 'they have no field that it can take')
    if (writable.length === 0) return
    for (let pause = 100; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        await this.makeDatabase()
        await this.influx.writePoints(writable, { precision: 'u' })
        this.succeeded(writable.length)
        return
      } catch (error) {
        if (await this.settleRefusal(writable, error as Error)) return
        await sleep(pause)
      }
    }
  }

  /** True where the batch is done with, in parts or as a whole; false where it must be tried again. */
  private async settleRefusal(points: IPoint[], error: Error): Promise<boolean> {
    const { statusCode } = (error as { res?: { statusCode?: number } }).res ?? {}
    const { message } = error
    if (statusCode === 404) this.databaseExists = false
    if (statusCode === 400 && this.noteClash(message)) return this.writeNow(points)
    // What can't be parsed is told as dropped=0: halving finds it.
    const lost = statusCode === 400 ? /partial write:.* dropped=([1-9]\d*)/.exec(message) : null
    if (lost) {
      this.drop(Number(lost[1]), message)
      this.succeeded(points.length - Number(lost[1]))
      return true
    }
    if (statusCode === 400 || statusCode === 413 || statusCode === 422) return this.bisect(points, message)
    this.failed(message)
    return false
  }

  private async writeNow(points: IPoint[]): Promise<true> {
    await this.write(points)
    return true
  }

  /** One bad point must not take its neighbours with it. */
  private async bisect(points: IPoint[], message: string): Promise<true> {
    if (points.length <= 1) {
      this.drop(points.length, message)
      return true
    }
    const half = Math.ceil(points.length / 2)
    await this.write(points.slice(0, half))
    await this.write(points.slice(half))
    return true
  }

  /** InfluxDB 1.x: input field "sent" on measurement "peer_metrics" is type float, already exists as type integer */
  private noteClash(message: string): boolean {
    const [, field, measurement] =
      /input field \\?"([^"\\]+)\\?" on measurement \\?"([^"\\]+)\\?"/.exec(message) ?? []
    if (field === undefined || measurement === undefined) return false
    const name = `${measurement}.${field}`
    if (this.clashing.has(name)) return false
    this.clashing.add(name)
    const told = `${name} has another type in the database ${this.target.database}, and is left out: set INFLUX_DATABASE to another, or drop the measurement, and start again (${message})`
    this.status.lastError = told.slice(0, 500)
    this.warn(told)
    return true
  }

  /** A point without a field is none to InfluxDB. */
  private withoutClashes(points: IPoint[]): IPoint[] {
    return points
      .map((point) => ({ ...point, fields: this.fieldsWithoutClashes(point) }))
      .filter(({ fields }) => Object.keys(fields).length > 0)
  }

  private fieldsWithoutClashes({ measurement, fields = {} }: IPoint): NonNullable<IPoint['fields']> {
    if (this.clashing.size === 0) return fields
    return Object.fromEntries(
      Object.entries(fields).filter(([field]) => !this.clashing.has(`${measurement}.${field}`))
    )
  }

  /** Compatibility endpoints of other servers may not know CREATE DATABASE; then the database is there by itself. */
  private async makeDatabase(): Promise<void> {
    if (this.databaseExists) return
    try {
      await this.influx.createDatabase(this.target.database)
    } catch (error) {
      const { statusCode } = (error as { res?: { statusCode?: number } }).res ?? {}
      if (statusCode === undefined || statusCode === 401 || statusCode === 403) throw error
      this.warn(
        `The database ${this.target.database} could not be made, which is as it should be where it exists: ${(error as Error).message}`
      )
    }
    this.databaseExists = true
  }

  private succeeded(points: number): void {
    if (!this.status.connected) this.warn(`InfluxDB at ${this.target.url} takes data`)
    this.status.connected = true
    this.status.written += points
  }

  private failed(message: string): void {
    if (this.status.connected || this.status.failures === 0)
      this.warn(
        `InfluxDB at ${this.target.url} takes no data; the journals keep it until it does: ${message}`
      )
    this.status.connected = false
    this.status.failures++
    this.status.lastError = message.slice(0, 500)
  }

  private drop(points: number, message: string): void {
    this.status.dropped += points
    this.status.lastError = message.slice(0, 500)
    this.warn(`InfluxDB refused ${points} points for good: ${message}`)
  }
}

/** InfluxDB 2.x and 3.x take a token as the password of any user. */
function connect({ url, database, username, password, token }: InfluxTarget): InfluxDB {
  const { protocol, hostname, port, pathname } = new URL(url)
  const isSecure = protocol === 'https:'
  const user =
    token === undefined
      ? { username: username ?? '', password: password ?? '' }
      : { username: 'token', password: token }
  return new InfluxDB({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isSecure ? 443 : 80)),
    protocol: isSecure ? 'https' : 'http',
    path: pathname.replace(/\/$/, ''),
    database,
    ...user,
    // The writer has its own pauses; the pool's would only hide why a write failed.
    pool: { maxRetries: 0, requestTimeout: REQUEST_TIMEOUT_MS, backoff: noPause() }
  })
}

function noPause() {
  const backoff = { getDelay: () => 0, next: () => backoff, reset: () => backoff }
  return backoff
}
