import { isIP, isIPv4, isIPv6 } from 'node:net'

export const FOREIGN_ORIGIN = 'Pages of this origin may not use the Lighthouse: add it to ALLOWED_ORIGINS'

/**
 * Whether a page may use this Lighthouse: one of a private network, where client pages are served, or of an
 * `allowed` origin (`*`: all). Otherwise any site that somebody visits could reach a Lighthouse on their
 * machine or network. Programs send no Origin.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  return URL.canParse(origin) && isPrivateName(new URL(origin).hostname)
}

export const FOREIGN_HOST =
  'This Lighthouse does not go by the name in the Host header: add its address to ALLOWED_ORIGINS'

/**
 * Whether a Lighthouse that is `bound` to loopback may be called by the name in the Host header. Otherwise a
 * page could point a public name at this machine (DNS rebinding). Elsewhere, everyone may call anyway.
 */
export function isAllowedHost(
  bound: string,
  header: string | undefined,
  allowed: readonly string[]
): boolean {
  if (header === undefined || !isLoopback(bound) || allowed.includes('*')) return true
  const address = `http://${header}`
  if (!URL.canParse(address)) return false
  const { host, hostname } = new URL(address)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  return isAddress || isPrivateName(hostname) || allowed.some((origin) => hostOf(origin) === host)
}

export const isLoopback = (address: string) =>
  address === 'localhost' || address === '::1' || address.startsWith('127.')

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

function isPrivateName(name: string): boolean {
  if (name === '') return false
  if (isIPv4(name)) return isPrivateIPv4(name)
  const bare = name.replace(/^\[|\]$/g, '')
  // Unique local addresses (RFC 4193), link-local ones (RFC 4291) and loopback.
  if (isIPv6(bare)) return /^(::1$|f[cd]|fe[89ab])/.test(bare)
  // No public server's: without a dot, or in a reserved top-level domain (RFC 6761, 6762; ICANN's .internal).
  return !name.includes('.') || /\.(localhost|local|internal|test|home\.arpa)$/.test(name)
}

/** Loopback, link-local (RFC 3927), private networks (RFC 1918) and carriers' shared space (RFC 6598). */
function isPrivateIPv4(address: string): boolean {
  const [a, b] = address.split('.').map(Number) as [number, number]
  return (
    a === 127 ||
    a === 10 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  )
}
