/** The InfluxDB that the settings name. A password in its address is used but never shown. */
import { InvalidArgumentError } from 'commander'
import { attempt } from '../../protocol/attempt'
import type { InfluxTarget } from './connection'

export interface InfluxSettings {
  influxUrl?: string
  influxDatabase: string
  influxUsername?: string
  influxPassword?: string
  influxToken?: string
  influxNames?: 'original'
}

/** Throws InvalidArgumentError if the text is not the address of an HTTP server. */
export function parseInfluxUrl(text: string): string {
  const hint = 'Give an address such as http://localhost:8086.'
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) throw new InvalidArgumentError(hint)
  const { username, password } = new URL(text)
  if (attempt(() => decodeURIComponent(`${username}:${password}`)) === undefined)
    throw new InvalidArgumentError(`Its user name or password is badly encoded. ${hint}`)
  return text
}

export function influxTarget(settings: InfluxSettings): InfluxTarget | undefined {
  if (settings.influxUrl === undefined) return undefined
  const url = new URL(settings.influxUrl)
  const { username, password } = url
  // The address is logged and shown in /status, so it must not contain secrets.
  url.username = url.password = url.search = url.hash = ''
  return {
    url: url.href.replace(/\/$/, ''),
    database: settings.influxDatabase,
    username: settings.influxUsername ?? (decodeURIComponent(username) || undefined),
    password: settings.influxPassword ?? (decodeURIComponent(password) || undefined),
    token: settings.influxToken,
    names: settings.influxNames
  }
}
