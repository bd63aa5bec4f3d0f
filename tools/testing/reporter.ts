/**
 * Node's reporter in each test process: prints what happens, and tells the runner. On SIGUSR2 it also tells
 * what keeps the process alive.
 */
import type { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

/** What the runner hears from a test process. */
export type News =
  | { type: 'begins' | 'in turn' | 'ends'; name: string; nesting: number; place: string; seconds: number }
  | { type: 'passes'; nesting: number }
  | { type: 'fails'; nesting: number; reason: string }
  | { type: 'is held by'; handles: string[] }

interface NodeEvent {
  type: string
  data: {
    name: string
    nesting: number
    /** Of a diagnostic, which has no name. */
    message?: string
    file?: string
    line?: number
    column?: number
    skip?: unknown
    todo?: unknown
    details?: { type?: string; duration_ms: number; error?: NodeFailure }
  }
}
type NodeFailure = Error & { failureType?: string; cause?: unknown }

const OF_ITS_TESTS = new Set<string | undefined>(['subtestsFailed', 'cancelledByParent'])

/** Failures are printed where they happen. The runner repeats those of all processes at its end. */
export default async function* report(events: AsyncIterable<NodeEvent>): AsyncGenerator<string> {
  const texts = Readable.from(toldToRunner(events)).compose(new spec()) as AsyncIterable<Buffer | string>
  for await (const text of texts) if (!/^\s*✖ failing tests:/.test(text.toString())) yield text.toString()
}

async function* toldToRunner(events: AsyncIterable<NodeEvent>): AsyncGenerator<NodeEvent> {
  for await (const event of events) {
    const news = newsOf(event)
    if (news) tell(news)
    // The runner sums up all processes.
    if (event.type !== 'test:diagnostic' || event.data.nesting > 0) yield event
  }
}

function newsOf({ type, data }: NodeEvent): News | undefined {
  const { name, nesting, details } = data
  const place = `${data.file}:${data.line}:${data.column}:${name}`
  const seconds = (details?.duration_ms ?? 0) / 1000
  const isSuite = details?.type === 'suite'
  const counts = data.skip === undefined && data.todo === undefined
  switch (type) {
    case 'test:dequeue':
      return { type: 'begins', name, nesting, place, seconds }
    case 'test:start':
      return { type: 'in turn', name, nesting, place, seconds }
    case 'test:complete':
      return { type: 'ends', name, nesting, place, seconds }
    case 'test:diagnostic':
      // What comes too late for its test ends the process with code 1.
      return data.message?.startsWith('Error: ')
        ? { type: 'fails', nesting: 0, reason: data.message }
        : undefined
    case 'test:pass':
      return counts && !isSuite ? { type: 'passes', nesting } : undefined
    case 'test:fail':
      // A suite with failed or cancelled tests is not one more failure; one with a failed hook is.
      if (!counts || (isSuite && OF_ITS_TESTS.has(details.error?.failureType))) return undefined
      return { type: 'fails', nesting, reason: reasonOf(details?.error) }
    default:
      return undefined
  }
}

function reasonOf(error: NodeFailure | undefined): string {
  const cause = error?.cause
  if (cause instanceof Error) return cause.message
  return typeof cause === 'string' ? cause : (error?.message ?? 'failed')
}

function tell(news: News): void {
  // The runner may have been killed. Then nobody needs to know.
  process.send?.(news, undefined, undefined, () => undefined)
}

/** What keeps this process alive, one line each. */
function openHandles(): string[] {
  // Undocumented, but in every Node: the documented process.getActiveResourcesInfo() has no addresses.
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles()
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const named = handles.flatMap((handle) => {
    if (handle instanceof Server) return [`a server that listens on ${addressOf(handle)}`]
    if (isChild(handle)) return [`child process ${handle.pid}: ${handle.spawnargs.join(' ')}`]
    if (handle instanceof Socket && handle.remotePort !== undefined)
      return [`a connection to ${handle.remoteAddress}:${handle.remotePort}`]
    return []
  })
  return [...named, ...(timers > 0 ? [`${timers} timers`] : [])]
}

function addressOf(server: Server): string {
  const address = server.address()
  return typeof address === 'object' ? `${address?.address}:${address?.port}` : address
}

function isChild(handle: unknown): handle is ChildProcess {
  return typeof handle === 'object' && handle !== null && 'spawnargs' in handle
}

if (process.send) {
  process.on('SIGUSR2', () => tell({ type: 'is held by', handles: openHandles() }))
  process.once('disconnect', () => process.exit(1))
  // Listening must not keep the process alive.
  process.channel?.unref()
}
