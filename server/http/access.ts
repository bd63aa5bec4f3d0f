/** Bearer tokens, and checks of Host and Origin that keep foreign pages out (docs/results-server.md). */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import type { Access } from '../../protocol/api'
import { isLoopback } from '../../cli/allowed'
import { UserError } from '../../cli/user-error'
import { Refusal } from '../../cli/refusal'

interface Tokens {
  controlToken?: string | undefined
  submitToken?: string | undefined
  readToken?: string | undefined
}

/** What a token is for, and the variable that sets it. */
const TOKEN_NAMES = {
  control: 'RESULTS_SERVER_TOKEN',
  submit: 'RESULTS_SERVER_SUBMIT_TOKEN',
  read: 'RESULTS_SERVER_READ_TOKEN'
}
type Level = keyof typeof TOKEN_NAMES

const tokensOf = ({ controlToken: control, submitToken: submit, readToken: read }: Tokens) =>
  Object.entries({ control, submit, read }).filter(([, token]) => token !== undefined) as [Level, string][]

export interface AccessOptions extends Tokens {
  /** The address the server binds to. */
  host: string
  /** Allowed origins of other pages, as `allowedOrigin` spells them. */
  allowedOrigins?: readonly string[]
  /** The server's names, as `allowedHost` spells them, besides those of loopback. */
  allowedHosts?: readonly string[]
}

const ALLOWED: Record<Exclude<Access, 'open'>, readonly Level[]> = {
  any: ['control', 'submit', 'read'],
  submit: ['control', 'submit'],
  read: ['control', 'read'],
  control: ['control']
}

const FOREIGN_HOST = 'This server does not go by the name in the Host header: add it to ALLOWED_HOSTS'
const FOREIGN_ORIGIN = 'Pages of this origin may not call: add it to ALLOWED_ORIGINS'
const FOREIGN_FILE =
  'Pages of files and sandboxed frames may not call: start the server with ALLOWED_ORIGINS=null'
const OTHER_PAGE =
  'Other pages of this machine may only submit: use the dashboard, or add the page to ALLOWED_ORIGINS'
const NO_TOKEN = 'Send the header "Authorization: Bearer TOKEN" with a token of this server'
const WRONG_TOKEN = 'This server does not know the token: was it replaced, or cut off?'

export class AccessControl {
  private readonly digests: ReadonlyMap<Level, Buffer>

  constructor(private readonly options: AccessOptions) {
    this.digests = new Map(tokensOf(options).map(([level, token]) => [level, digest(token)]))
  }

  /** Middleware: refuses foreign pages, answers preflights, and lets allowed pages read the responses. */
  readonly guard = (request: Request, response: Response, next: NextFunction): void => {
    const { origin } = request.headers
    response.setHeader('X-Content-Type-Options', 'nosniff')
    // Other pages can neither show nor measure what they may not read.
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    const hasControl = this.digests.has('control')
    // A preflight carries no token; the request that follows must.
    const trusted = this.levelOfToken(request) !== undefined || (hasControl && request.method === 'OPTIONS')
    // With a control token, nothing of a test is served without one.
    if (!trusted && !hasControl && !this.isOwnHost(request.headers.host))
      throw new Refusal(403, 'foreign-host', FOREIGN_HOST)
    if (origin !== undefined) {
      // Also of a refusal: its page can then read why.
      response.setHeader('Access-Control-Allow-Origin', origin)
      if (!trusted && !this.isOwnPage(request) && !this.isOfThisMachine(origin))
        throw new Refusal(403, 'foreign-origin', origin === 'null' ? FOREIGN_FILE : FOREIGN_ORIGIN)
      // Without it, browsers hide the resource timing from which pages measure their clock offset.
      response.setHeader('Timing-Allow-Origin', origin)
      response.setHeader('Vary', 'Origin')
    }
    if (request.method === 'OPTIONS') answerPreflight(response, hasControl || this.isOwnPage(request))
    else next()
  }

  /** Throws Refusal 401 or 403 if the caller lacks access. */
  require(access: Access, request: Request): void {
    refuseEmbedding(request)
    if (access === 'open') return
    const level = this.levelOf(request)
    const allowed = ALLOWED[access]
    if (level === undefined)
      throw tokenOf(request) === undefined
        ? new Refusal(401, 'token-required', NO_TOKEN)
        : new Refusal(401, 'wrong-token', WRONG_TOKEN)
    if (allowed.includes(level)) return
    if (!this.digests.has('control')) throw new Refusal(403, 'own-page-required', OTHER_PAGE)
    const names = allowed.map((each) => TOKEN_NAMES[each]).join(' or ')
    throw new Refusal(403, 'other-token-required', `The ${level} token may not do this: use ${names}`)
  }

  /**
   * Undefined: the caller may use what is open, and nothing else. Without a control token, programs on this
   * machine and the server's own pages may do everything.
   */
  levelOf(request: Request): Level | undefined {
    const level = this.levelOfToken(request)
    if (level !== undefined || this.digests.has('control')) return level
    if (this.isOwnPage(request)) return 'control'
    // Other pages may run a stranger's code, such as a build under test: they may only submit.
    return this.digests.has('submit') ? undefined : 'submit'
  }

  /** Whether no page of another origin has sent the request. A proxy may have taken the TLS away. */
  private isOwnPage({ headers: { origin, host } }: Request): boolean {
    return (
      origin === undefined ||
      origin.replace(/^https/, 'http') === `http://${host ?? ''}` ||
      this.options.allowedOrigins?.includes(origin) === true
    )
  }

  private levelOfToken(request: Request): Level | undefined {
    const token = tokenOf(request)
    if (token === undefined) return undefined
    const given = digest(token)
    return [...this.digests].find(([, known]) => timingSafeEqual(given, known))?.[0]
  }

  /**
   * Rejects names that a foreign page has pointed at this server (DNS rebinding). Without a control token, it
   * is bound to loopback.
   */
  private isOwnHost(header: string | undefined): boolean {
    const name = hostname(`http://${header ?? ''}`)
    return isLoopback(name) || this.options.allowedHosts?.includes(name) === true
  }

  private isOfThisMachine(origin: string): boolean {
    return isLoopback(this.options.host) && isLoopback(hostname(origin))
  }
}

/** Visible ASCII passes through the header unchanged. */
const SENDABLE = /^[\x21-\x7e]{1,1024}$/

/** Throws UserError for tokens that would not protect the server or that nobody could send. */
export function checkTokens(tokens: Tokens, host: string): void {
  const { controlToken } = tokens
  if (!isLoopback(host) && controlToken === undefined)
    throw new UserError(
      `HOST ${host} can be reached by others: set RESULTS_SERVER_TOKEN (e.g. to the output of "openssl rand -hex 24"), or leave HOST out`
    )
  const given = tokensOf(tokens)
  for (const [level, token] of given) {
    const name = TOKEN_NAMES[level]
    if (controlToken === undefined)
      throw new UserError(`${name} protects nothing without RESULTS_SERVER_TOKEN: set both, or neither`)
    if (!SENDABLE.test(token))
      throw new UserError(
        `${name} cannot be sent in a header: use 1 to 1,024 visible ASCII characters without spaces (e.g. "openssl rand -hex 24")`
      )
  }
  if (new Set(given.map(([, token]) => token)).size < given.length)
    throw new UserError(
      'Two of the tokens are equal: whoever submits or looks could delete. Choose a different one for each'
    )
}

const tokenOf = ({ headers }: Request) => /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

/** Digests have equal length, as the constant-time comparison requires. */
const digest = (token: string) => createHash('sha256').update(token).digest()

/** Empty if it has none. */
const hostname = (url: string) => (URL.canParse(url) ? new URL(url).hostname : '')

/** By an image, frame or link, without an Origin, a foreign page could make the server stream documents. */
function refuseEmbedding({ headers }: Request): void {
  const site = headers['sec-fetch-site']
  if (headers.origin === undefined && (site === 'cross-site' || site === 'same-site'))
    throw new Refusal(403, 'foreign-page', 'Pages of other origins may not embed or link to what is here')
}

function answerPreflight(response: Response, mayDelete: boolean): void {
  response
    .status(204)
    .setHeader('Access-Control-Allow-Methods', `GET, POST, PUT${mayDelete ? ', DELETE' : ''}`)
    .setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Content-Encoding, Last-Event-ID')
    .setHeader('Access-Control-Max-Age', '600')
    .end()
}
