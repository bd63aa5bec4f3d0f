/** The HTTP calls to InfluxDB (https://docs.influxdata.com/influxdb/v1/tools/api/). */
import { escape } from 'influx'
import { causeOf } from '../../protocol/api-client'

export interface InfluxTarget {
  /** Without a user: logs and /status show it. */
  url: string
  database: string
  username?: string
  password?: string
  token?: string
  /** `original`: peers are written by the names of the original suite, too. */
  names?: 'original'
}

export interface Point {
  measurement: string
  tags: Record<string, string>
  fields: Record<string, number | string>
  /** In microseconds. */
  timestamp: number
}

/** Any answer but success, whoever gave it. */
export class InfluxError extends Error {
  constructor(
    readonly status: number,
    /** A proxy or a captive portal lacks InfluxDB's version header: its answers say nothing about data. */
    readonly isInflux: boolean,
    readonly body: string
  ) {
    const who = isInflux ? '' : ', without the header X-Influxdb-Version: is that InfluxDB?'
    super(`status ${status}${who} ${body.slice(0, 300)}`.trim())
  }
}

const REQUEST_TIMEOUT_MS = 10_000

export class InfluxConnection {
  constructor(private readonly target: InfluxTarget) {}

  /** Throws InfluxError unless InfluxDB has stored the points. */
  async write(points: readonly Point[]): Promise<void> {
    await this.post('/write', { db: this.target.database, precision: 'u' }, points.map(lineOf).join('\n'))
  }

  async createDatabase(): Promise<void> {
    await this.post('/query', { q: `CREATE DATABASE ${escape.quoted(this.target.database)}` }, '')
  }

  private async post(path: string, query: Record<string, string>, body: string): Promise<void> {
    const response = await fetch(`${this.target.url}${path}?${new URLSearchParams(query).toString()}`, {
      method: 'POST',
      headers: this.authorization(),
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    }).catch((error: unknown) => {
      throw (error as Error).name === 'TimeoutError' ? error : new Error(causeOf(error))
    })
    const text = await response.text()
    const isInflux = response.headers.has('x-influxdb-version')
    // InfluxDB answers 204 to a write and 200 to a query.
    if (isInflux && response.status === (path === '/write' ? 204 : 200)) return
    throw new InfluxError(response.status, isInflux, text)
  }

  /** InfluxDB 2.x and 3.x accept a token as the password of any user. */
  private authorization(): Record<string, string> {
    const { username, password, token } = this.target
    const user = token === undefined ? username : 'token'
    if (user === undefined) return {}
    return { Authorization: `Basic ${Buffer.from(`${user}:${token ?? password ?? ''}`).toString('base64')}` }
  }
}

function lineOf({ measurement, tags, fields, timestamp }: Point): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `,${escape.tag(tag)}=${escape.tag(value)}`)
  const values = Object.entries(fields).map(
    ([field, value]) => `${escape.tag(field)}=${typeof value === 'number' ? value : escape.quoted(value)}`
  )
  return `${escape.measurement(measurement)}${pairs.join('')} ${values.join(',')} ${timestamp}`
}
