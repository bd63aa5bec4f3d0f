/** GitHub's REST interface on loopback, with its limits: pages, lengths, and tokens that may only read. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LONGEST } from '../api'

export interface FakeComment {
  id: number
  body: string
  user: { login: string }
}

export interface FakeCheck {
  id: number
  name: string
  head_sha: string
  status: string
  conclusion?: string
  output?: { title: string; summary: string }
}

interface Pull {
  number: number
  /** owner:branch */
  from: string
  head: { sha: string }
}

/** What a token may do, and as whom. */
export type Token = { login: string; mayWrite: boolean }

const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required']

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message)
  }
}

export class FakeGitHub {
  readonly comments = new Map<number, FakeComment[]>()
  readonly checks: FakeCheck[] = []
  readonly pulls: Pull[] = []
  readonly tokens = new Map<string, Token>()
  /** Method and path of each request that changed something. */
  readonly writes: string[] = []
  /** How many of the next requests it fails to answer. */
  outages = 0
  private ids = 1000
  private readonly server = createServer((request, response) => {
    this.answer(request).then(
      (body) => response.writeHead(200).end(JSON.stringify(body)),
      (error: unknown) => {
        const { status = 500, message } = error as Partial<Refusal>
        response.writeHead(status).end(JSON.stringify({ message }))
      }
    )
  })

  constructor(private readonly repository: string) {}

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.close()
  }

  write(pull: number, login: string, body: string): FakeComment {
    const comment = { id: this.ids++, body, user: { login } }
    this.comments.set(pull, [...(this.comments.get(pull) ?? []), comment])
    return comment
  }

  private async answer(request: IncomingMessage): Promise<unknown> {
    const { method = 'GET' } = request
    if (this.outages-- > 0) throw new Refusal(502, 'Server Error')
    const url = new URL(request.url!, 'http://fake')
    const token = this.tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (!token) throw new Refusal(401, 'Bad credentials')
    const prefix = `/repos/${this.repository}/`
    if (!url.pathname.startsWith(prefix)) throw new Refusal(404, 'Not Found')
    const path = url.pathname.slice(prefix.length)
    if (method === 'GET') return this.read(path, url.searchParams)
    if (!token.mayWrite) throw new Refusal(403, 'Resource not accessible by integration')
    this.writes.push(`${method} ${path}`)
    return this.change(method, path, JSON.parse(await textOf(request)) as never, token.login)
  }

  private read(path: string, query: URLSearchParams): unknown {
    const [, number] = /^issues\/(\d+)\/comments$/.exec(path) ?? []
    if (number !== undefined) return pageOf(this.comments.get(Number(number)) ?? [], query)
    if (path === 'pulls')
      return pageOf(
        this.pulls.filter(({ from }) => from === query.get('head')),
        query
      )
    const pull = this.pulls.find((each) => path === `pulls/${each.number}`)
    if (!pull) throw new Refusal(404, 'Not Found')
    return pull
  }

  private change(method: string, path: string, body: FakeCheck & FakeComment, login: string): unknown {
    const [, number, id, check] =
      /^(?:issues\/(\d+)\/comments|issues\/comments\/(\d+)|check-runs(?:\/(\d+))?)$/.exec(path) ?? []
    if (number !== undefined) return this.write(Number(number), login, limited(body.body))
    if (id !== undefined) {
      const comment = [...this.comments.values()].flat().find((each) => each.id === Number(id))
      if (comment?.user.login !== login) throw new Refusal(403, 'Must have admin rights to Repository.')
      return Object.assign(comment, { body: limited(body.body) })
    }
    if (!path.startsWith('check-runs')) throw new Refusal(404, 'Not Found')
    checked(body)
    if (method === 'POST') {
      this.checks.push({ ...body, id: this.ids++ })
      return this.checks.at(-1)
    }
    const own = this.checks.find((each) => each.id === Number(check))
    if (!own) throw new Refusal(404, 'Not Found')
    return Object.assign(own, body)
  }
}

function pageOf<T>(all: readonly T[], query: URLSearchParams): T[] {
  const size = Math.min(100, Number(query.get('per_page') ?? 30))
  const first = (Number(query.get('page') ?? 1) - 1) * size
  return all.slice(first, first + size)
}

function limited(body: string): string {
  if (body.length > LONGEST.comment) throw new Refusal(422, 'Body is too long (maximum is 65536 characters)')
  return body
}

function checked({ name = '', status, conclusion, output }: Partial<FakeCheck>): void {
  if (name.length > LONGEST.checkName) throw new Refusal(422, 'name is too long')
  if (status === 'completed' && !CONCLUSIONS.includes(conclusion ?? ''))
    throw new Refusal(422, 'Invalid conclusion')
  if (output && output.summary.length > LONGEST.checkText) throw new Refusal(422, 'summary is too long')
  if (output?.title === '') throw new Refusal(422, 'title is missing')
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += String(part)
  return text
}
