/** Request bodies: bounded, decompressed, parsed and checked. The raw bytes are kept for the journal. */
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { raw as rawBody } from 'body-parser'
import type { Request, Response } from 'express'
import { Refusal } from '../../cli/refusal'
import { API, type Route, type RouteName } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { KeyedQueue } from '../store/keyed-queue'
import type { Body } from '../store/live-test'
import { WorkerCalls } from '../worker-file'
import type { BodyQuestion } from './body-worker'
import { BytesInFlight } from './bytes-in-flight'
import { checkBody } from './validation'

/** Bytes. More are checked in another thread, at twice the CPU: the worst of this size block for 40 ms. */
const LARGE_BODY = 196_608
const bytesInFlight = new BytesInFlight(256 * 1024 * 1024)

/** Reads the bodies of a call. Throws Refusal 400, 413 or 415. */
export function bodyReader(name: RouteName) {
  const route: Route = API[name]
  const limit = route.bodyLimit ?? LIMITS.bodyBytes
  const read = promisify(rawBody({ limit, type: () => true }))
  return async (request: Request, response: Response): Promise<Body<unknown>> => {
    const untrack = bytesInFlight.track(request, limit)
    try {
      await read(request, response)
      const bytes: unknown = request.body
      if (Buffer.isBuffer(bytes) && bytes.length > 0) {
        requireJson(request)
        return bytes.length > LARGE_BODY
          ? await checkLargeBody(name, bytes, () => request.socket.destroyed)
          : checkBody(name, bytes)
      }
    } finally {
      untrack()
    }
    if (route.bodyOptional) return checkBody(name, Buffer.from('{}'))
    throw new Refusal(400, 'bad-body', 'The body is empty: send JSON as /openapi.json describes it')
  }
}

/** Foreign pages can send other types without a preflight. Programs may omit it: curl calls it a form. */
function requireJson({ headers }: Request): void {
  const type = headers['content-type'] ?? ''
  const isOfPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (!isOfPage && (type === '' || type === 'application/x-www-form-urlencoded')) return
  if (/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type)) return
  const message = 'Send the body as JSON in UTF-8, with the header "Content-Type: application/json"'
  throw new Refusal(415, 'not-json', message)
}

const worker = new WorkerCalls<BodyQuestion, Uint8Array>(__dirname, 'body-worker')
const turns = new KeyedQueue()

/**
 * Checks one body after the other in another thread; skips those whose caller `isGone`. The server's thread
 * only parses checked JSON, at most 10 ms: copying the value would take as long. Throws Refusal 400 or 413.
 */
export function checkLargeBody(
  name: RouteName,
  bytes: Buffer,
  isGone: () => boolean
): Promise<Body<unknown>> {
  return turns.run('large', async () => {
    if (isGone()) throw new Refusal(400, 'body-cut-off', 'The caller is gone')
    const own = new Uint8Array(bytes)
    const raw = Buffer.from((await worker.call({ name, bytes: own }, [own.buffer])).buffer)
    // One a turn of the event loop: clients estimate clock offsets from how quickly `/time` answers.
    await setImmediate()
    return { value: JSON.parse(raw.toString()) as unknown, raw }
  })
}
