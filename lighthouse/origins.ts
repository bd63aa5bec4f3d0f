import { BlockList, isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { isLoopback } from '../cli/allowed'
import { Refusal } from '../cli/refusal'
import type { LighthouseOptions } from './options'

export const FOREIGN_ORIGIN = 'Pages of this origin may not use the Lighthouse: add it to ALLOWED_ORIGINS'
const FOREIGN_HOST =
  'This Lighthouse does not go by the name in the Host header: add its address to ALLOWED_ORIGINS'

/** Refuses pages of foreign origins and names, and lets pages of allowed origins read the answers. */
export function checkOrigin({ host: bound, allowedOrigins }: LighthouseOptions): RequestHandler {
  return (request, response, next) => {
    const { origin, host } = request.headers
    if (!isAllowedHost(bound, host, allowedOrigins)) throw new Refusal(403, 'foreign-host', FOREIGN_HOST)
    if (!isAllowedOrigin(origin, allowedOrigins)) throw new Refusal(403, 'foreign-origin', FOREIGN_ORIGIN)
    response.set({ 'X-Content-Type-Options': 'nosniff', Vary: 'Origin' })
    if (origin !== undefined)
      response.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Headers': 'content-type, x-peer-token',
        'Access-Control-Allow-Methods': 'GET, PUT, DELETE',
        'Access-Control-Max-Age': '600'
      })
    if (request.method === 'OPTIONS') response.sendStatus(204)
    else next()
  }
}

/**
 * Whether a page may use this Lighthouse: one of this machine, a private network or a network without public
 * names (a container's or a cluster's), where client pages are served, or of an `allowed` origin (`*`: all).
 * Otherwise any site that somebody visits could reach a Lighthouse on their machine or network. Programs send
 * no Origin.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  return URL.canParse(origin) && isPrivateName(new URL(origin).hostname)
}

/**
 * Whether a Lighthouse that is `bound` to loopback may be called by the name in the Host header. Otherwise a
 * page could point a public name at this machine (DNS rebinding) and read as its own origin. Elsewhere,
 * everyone may call anyway.
 */
export function isAllowedHost(bound: string, header: string | undefined, allowed: readonly string[]) {
  if (header === undefined || !isLoopback(bound) || allowed.includes('*')) return true
  const address = `http://${header}`
  if (!URL.canParse(address)) return false
  const { host, hostname } = new URL(address)
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  return isAddress || isPrivateName(hostname) || allowed.some((origin) => hostOf(origin) === host)
}

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

/**
 * Loopback, link-local (RFC 3927, 4291), private (RFC 1918, 4193) and carriers' networks (RFC 6598). An
 * IPv4-mapped IPv6 address counts as its IPv4 one.
 */
const PRIVATE = new BlockList()
PRIVATE.addSubnet('127.0.0.0', 8)
PRIVATE.addSubnet('10.0.0.0', 8)
PRIVATE.addSubnet('172.16.0.0', 12)
PRIVATE.addSubnet('192.168.0.0', 16)
PRIVATE.addSubnet('169.254.0.0', 16)
PRIVATE.addSubnet('100.64.0.0', 10)
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

function isPrivateName(name: string): boolean {
  if (name === '') return false
  const address = name.replace(/^\[|\]$/g, '')
  const version = isIP(address)
  if (version !== 0) return PRIVATE.check(address, version === 6 ? 'ipv6' : 'ipv4')
  // No public server's: without a dot, or in a reserved top-level domain (RFC 6761, 6762; ICANN's .internal).
  return !name.includes('.') || /\.(localhost|local|internal|test|home\.arpa)$/.test(name)
}
