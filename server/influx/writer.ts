/** Writes batches until InfluxDB accepts them. Drops, and counts, only points that it refuses for good. */
import { setTimeout as sleep } from 'node:timers/promises'
import { attempt } from '../../protocol/attempt'
import type { RelayStatus } from '../../protocol/api-answers'
import { InfluxConnection, InfluxError, type InfluxTarget, type Point } from './connection'

export type WriterStatus = Omit<RelayStatus, 'url' | 'database' | 'lagBytes'>

export const NOTHING_WRITTEN: WriterStatus = { connected: false, written: 0, dropped: 0, failures: 0 }

const LONGEST_PAUSE_MS = 5_000

export class InfluxWriter {
  readonly status = { ...NOTHING_WRITTEN }
  private readonly influx: InfluxConnection
  private databaseExists = false
  private isCreationRefused = false
  /** Fields that have another type in the database, as "measurement.field": an older tool wrote them. */
  private readonly clashing = new Set<string>()

  constructor(
    private readonly target: InfluxTarget,
    private readonly warn: (message: string) => void
  ) {
    this.influx = new InfluxConnection(target)
  }

  /** Resolves when InfluxDB has accepted or refused every point, however long that takes. Never rejects. */
  async write(points: Point[]): Promise<void> {
    const writable = this.withoutClashes(points)
    if (writable.length < points.length)
      this.drop(points.length - writable.length, 'they have no field that it accepts')
    if (writable.length === 0) return
    for (let pause = 100; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        await this.makeDatabase()
        await this.influx.write(writable)
        this.succeeded(writable.length)
        return
      } catch (error) {
        if (await this.settleRefusal(writable, error as Error)) return
        await sleep(pause)
      }
    }
  }

  /** True if the batch is settled, in whole or in parts. False if it must be retried. */
  private async settleRefusal(points: Point[], error: Error): Promise<boolean> {
    const { status, isInflux } = error instanceof InfluxError ? error : { status: 0, isInflux: false }
    if (isInflux && status === 404) this.databaseExists = false
    if (status === 413 && points.length > 1) return this.bisect(points, error.message)
    const reason = lineErrorOf(error)
    if (reason === undefined) {
      this.failed(error.message)
      // It may be too slow for so many, and would be for each repetition.
      return error.name === 'TimeoutError' && points.length > 1 && this.bisect(points, error.message)
    }
    if (this.noteClash(reason)) {
      await this.write(points)
      return true
    }
    // InfluxDB reports lines that it can't parse as dropped=0. Halving the batch finds them.
    const lost = /partial write:.* dropped=([1-9]\d*)/.exec(reason)
    if (!lost) return this.bisect(points, reason)
    const dropped = Math.min(points.length, Number(lost[1]))
    this.drop(dropped, reason)
    this.succeeded(points.length - dropped)
    return true
  }

  /** One bad point must not take the rest of its batch with it. */
  private async bisect(points: Point[], message: string): Promise<true> {
    const half = Math.ceil(points.length / 2)
    if (points.length <= 1) this.drop(points.length, message)
    else for (const part of [points.slice(0, half), points.slice(half)]) await this.write(part)
    return true
  }

  /** 1.x: input field "sent" on measurement "peer_metrics" is type float, already exists as type integer */
  private noteClash(message: string): boolean {
    const [, field, measurement] =
      /input field \\?"([^"\\]+)\\?" on measurement \\?"([^"\\]+)\\?"/.exec(message) ?? []
    if (field === undefined || measurement === undefined) return false
    const name = `${measurement}.${field}`
    if (this.clashing.has(name)) return false
    this.clashing.add(name)
    const warning = `${name} has another type in the database ${this.target.database}, so it is left out: set INFLUX_DATABASE to another database, or drop the measurement, and restart the server (${message})`
    this.status.lastError = warning.slice(0, 500)
    this.warn(warning)
    return true
  }

  /** Drops points left without fields: InfluxDB does not accept them. */
  private withoutClashes(points: Point[]): Point[] {
    const clashes = ({ measurement }: Point, field: string) => this.clashing.has(`${measurement}.${field}`)
    const fieldsOf = (point: Point) =>
      Object.fromEntries(Object.entries(point.fields).filter(([field]) => !clashes(point, field)))
    return (
      this.clashing.size === 0 ? points : points.map((point) => ({ ...point, fields: fieldsOf(point) }))
    ).filter(({ fields }) => Object.keys(fields).length > 0)
  }

  /** Other servers' compatible endpoints may not support CREATE DATABASE, and users may lack the right to. */
  private async makeDatabase(): Promise<void> {
    if (this.databaseExists) return
    try {
      await this.influx.createDatabase()
    } catch (error) {
      if (!(error instanceof InfluxError) || !error.isInflux) throw error
      if (error.status === 401 || error.status >= 500) throw error
      if (!this.isCreationRefused)
        this.warn(`Can't create the database ${this.target.database}: do so if missing (${error.message})`)
      this.isCreationRefused = true
    }
    this.databaseExists = true
  }

  private succeeded(points: number): void {
    if (!this.status.connected) this.warn(`InfluxDB at ${this.target.url} accepts data`)
    this.status.connected = true
    this.status.written += points
  }

  private failed(message: string): void {
    if (this.status.connected || this.status.failures === 0)
      this.warn(
        `InfluxDB at ${this.target.url} does not accept data; the results folder keeps it until it does: ${message}`
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

/**
 * InfluxDB's message that it refuses certain lines, which no retry changes; undefined for other errors, and
 * for the answer of a proxy, whatever it says.
 */
function lineErrorOf(error: Error): string | undefined {
  if (!(error instanceof InfluxError) || !error.isInflux) return undefined
  if (error.status !== 400 && error.status !== 422) return undefined
  const reason = reasonOf(error.body)
  return reason !== undefined && LINE_ERROR.test(reason) ? reason : undefined
}

const LINE_ERROR =
  /partial write|unable to parse|field type conflict|input field|max key length|max-values-per-tag|max-series|time outside range|beyond retention|invalid (?:field|tag|boolean|number|timestamp)|missing (?:field|tag|fields)/i

/** From `{"error"}` (1.x) or `{"code","message"}` (2.x). */
function reasonOf(body: string): string | undefined {
  const answer = attempt(() => JSON.parse(body) as Record<string, unknown> | null)
  const { error, code, message } = answer ?? {}
  if (typeof error === 'string') return error
  return typeof code === 'string' && typeof message === 'string' ? message : undefined
}
