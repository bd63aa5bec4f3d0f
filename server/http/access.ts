/**
 * Access control: bearer tokens, and Host and Origin checks that keep foreign web pages out
 * (docs/results-server.md).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { NextFunction, Request, Response } from 'express'
import type { Access } from '../../protocol/api'
import { Refusal } from '../refusal'

export interface AccessOptions {
  /** The address the server binds to. */
  host: string
  controlToken?: string | undefined
  submitToken?: string | undefined
  /** Allowed origins of other pages, e.g. https://tests.example.org */
  allowedOrigins: readonly string[]
  /** Host names of the server, in addition to its address and the loopback names. */
  allowedHosts: readonly string[]
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isLoopbackAddress = (host: string) =>
  LOOPBACK.has(host) || host === '::1' || /^127\.(\d+\.){2}\d+$/.test(host)

export class AccessControl {
  private readonly controlDigest: Buffer | undefined
  private readonly submitDigest: Buffer | undefined

  constructor(private readonly options: AccessOptions) {
    this.controlDigest = options.controlToken === undefined ? undefined : digest(options.controlToken)
    this.submitDigest = options.submitToken === undefined ? undefined : digest(options.submitToken)
  }

  /** Middleware: refuses foreign pages, answers preflights, and lets allowed pages read the responses. */
  readonly guard = (request: Request, response: Response, next: NextFunction): void => {
    const origin = request.headers.origin
    response.setHeader('X-Content-Type-Options', 'nosniff')
    const trusted = this.levelOf(request) !== undefined || this.isTokenPreflight(request)
    if (!trusted && !this.isOwnHost(request.headers.host))
      throw new Refusal(
        403,
        'foreign-host',
        'This server does not go by the name in the Host header: add it to ALLOWED_HOSTS'
      )
    if (origin !== undefined) {
      if (!trusted && !this.isOwnOrigin(origin, request.headers.host))
        throw new Refusal(
          403,
          'foreign-origin',
          'Pages of this origin may not call: add it to ALLOWED_ORIGINS'
        )
      response.setHeader('Access-Control-Allow-Origin', origin)
      // Pages measure their clock offset from the browser's resource timing, which browsers hide without this
      // header.
      response.setHeader('Timing-Allow-Origin', origin)
      response.setHeader('Vary', 'Origin')
    }
    if (request.method === 'OPTIONS') answerPreflight(response)
    else next()
  }

  /** Throws Refusal 401 or 403 if the caller lacks access. */
  require(access: Access, request: Request): void {
    if (access === 'open' || !this.controlDigest) return
    const level = this.levelOf(request)
    if (level === undefined)
      throw new Refusal(
        401,
        'token-required',
        'Send the header "Authorization: Bearer TOKEN" with a token of this server'
      )
    if (access === 'control' && level !== 'control')
      throw new Refusal(
        403,
        'control-token-required',
        'The submit token may not do this: use RESULTS_SERVER_TOKEN'
      )
  }

  /** The access level of the request's token; undefined without a valid token. */
  levelOf(request: Request): 'control' | 'submit' | undefined {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) return undefined
    const given = digest(token)
    if (this.controlDigest && timingSafeEqual(given, this.controlDigest)) return 'control'
    if (this.submitDigest && timingSafeEqual(given, this.submitDigest)) return 'submit'
    return undefined
  }

  /** A preflight carries no token; the request that follows must. */
  private isTokenPreflight(request: Request): boolean {
    return this.controlDigest !== undefined && request.method === 'OPTIONS'
  }

  /** Rejects names that a foreign page has pointed at this server (DNS rebinding). */
  private isOwnHost(header: string | undefined): boolean {
    const name = hostname(`http://${header ?? ''}`)
    if (name === undefined) return false
    const { host, allowedHosts } = this.options
    if (LOOPBACK.has(name) || name === host || name === `[${host}]` || allowedHosts.includes(name))
      return true
    // A server bound to all addresses is reachable at each of them. A rebinding page uses a name, not an
    // address.
    return (host === '0.0.0.0' || host === '::') && isIP(name.replace(/^\[|\]$/g, '')) !== 0
  }

  private isOwnOrigin(origin: string, hostHeader: string | undefined): boolean {
    if (origin === `http://${hostHeader ?? ''}` || this.options.allowedOrigins.includes(origin)) return true
    const name = hostname(origin)
    return isLoopbackAddress(this.options.host) && name !== undefined && LOOPBACK.has(name)
  }
}

/** Digests have equal length, as the constant-time comparison requires. */
const digest = (token: string) => createHash('sha256').update(token).digest()

function hostname(url: string): string | undefined {
  try {
    return new URL(url).hostname
  } catch {
    return undefined
  }
}

function answerPreflight(response: Response): void {
  response
    .status(204)
    .setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE')
    .setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Content-Encoding, Last-Event-ID')
    .setHeader('Access-Control-Max-Age', '600')
    .end()
}
