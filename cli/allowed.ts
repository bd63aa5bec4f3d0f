/**
 * ALLOWED_HOSTS and ALLOWED_ORIGINS, as requests spell them. Both throw InvalidArgumentError for what would
 * match none. No `*`: what they allow may delete tests.
 */
import { isIPv6 } from 'node:net'
import { InvalidArgumentError } from 'commander'

/** A host goes by its name on every port. */
export function allowedHost(text: string): string {
  const url = bareUrl(`http://${isIPv6(text) ? `[${text}]` : text}`)
  if (!url) throw new InvalidArgumentError(`"${text}" is not a host such as lab.example.org.`)
  return url.hostname
}

/** Of addresses to listen on, where the system completes `127.1`, too. */
export const isLoopback = (host: string) => /^(localhost|\[?::1\]?|(::ffff:)?127(\.\d+){1,3})$/i.test(host)

/** `null` is the origin of files and sandboxed frames. */
export function allowedOrigin(text: string): string {
  if (text === 'null') return text
  const url = bareUrl(text)
  if (!url) throw new InvalidArgumentError(`"${text}" is not an origin such as https://tests.example.org.`)
  return originOf(url)
}

/** Undefined if it has more than a scheme, a host and a port. */
function bareUrl(text: string): URL | undefined {
  if (text.includes('*') || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.href.replace(/\/$/, '') === originOf(url) ? url : undefined
}

/** `URL.origin` would be "null" for a browser extension's page. */
const originOf = ({ protocol, host }: URL) => `${protocol}//${host}`
