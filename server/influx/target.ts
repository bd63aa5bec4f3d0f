/** The InfluxDB that the settings name. A password in its address is used but never shown. */
import { InvalidArgumentError } from 'commander'
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
  try {
    const { username, password } = new URL(text)
    decodeURIComponent(username + password)
  } catch {
    throw new InvalidArgumentError(`Its user name or password is badly encoded. ${hint}`)
  }
  return text
}

/** Undefined if no address is set. */
export function influxTarget(settings: InfluxSettings): InfluxTarget | undefined {
  const {
    influxUrl: url,
    influxDatabase: database,
    influxUsername: username,
    influxPassword: password,
    influxToken: token,
    influxNames: names
  } = settings
  if (url === undefined) return undefined
  const given = new URL(url)
  // The address is logged and shown in /status, so it must not contain secrets.
  const user = username ?? (decodeURIComponent(given.username) || undefined)
  const secret = password ?? (decodeURIComponent(given.password) || undefined)
  given.username = given.password = ''
  return {
    url: given.href.replace(/\/$/, ''),
    database,
    ...(user !== undefined && { username: user }),
    ...(secret !== undefined && { password: secret }),
    ...(token !== undefined && { token }),
    ...(names !== undefined && { names })
  }
}
