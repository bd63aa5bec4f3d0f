/** Request bodies: bounded, decompressed, parsed and checked. The raw bytes are kept for the journal. */
import { raw } from 'body-parser'
import type { Request, Response } from 'express'
import { API, type Route, type RouteName } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { Refusal } from '../refusal'
import type { Body } from '../store/live-test'
import { BytesInFlight } from './bytes-in-flight'
import { checkBody } from './check-body'
import { checkLargeBody } from './large-bodies'

/**
 * A body of more bytes is checked in another thread, which costs as much CPU again. The worst of this size
 * hold the event loop for 40 ms.
 */
const LARGE_BODY = 196_608
/** Limits the total size of bodies held at once, in bytes. */
const bytesInFlight = new BytesInFlight(256 * 1024 * 1024)

const readers = new Map<number, ReturnType<typeof raw>>()

/** Throws Refusal 400, 413 or 415. */
export async function readBody(
  name: RouteName,
  request: Request,
  response: Response
): Promise<Body<unknown>> {
  const route: Route = API[name]
  const limit = route.bodyLimit ?? LIMITS.bodyBytes
  const untrack = bytesInFlight.track(request, limit)
  try {
    const bytes = await readBytes(limit, request, response)
    if (bytes.length > 0) {
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

async function readBytes(limit: number, request: Request, response: Response): Promise<Buffer> {
  let reader = readers.get(limit)
  if (!reader) readers.set(limit, (reader = raw({ limit, type: () => true })))
  await new Promise<void>((done, failed) =>
    reader(request, response, (error?: unknown) => {
      if (error) failed(error as Error)
      else done()
    })
  )
  const body: unknown = request.body
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/**
 * A foreign page can send other content types without a preflight. Programs need not say what they send: curl
 * calls it a form.
 */
function requireJson({ headers }: Request): void {
  const type = headers['content-type'] ?? ''
  const isOfPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
  if (!isOfPage && (type === '' || type === 'application/x-www-form-urlencoded')) return
  if (/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type)) return
  throw new Refusal(
    415,
    'not-json',
    'Send the body as JSON in UTF-8, with the header "Content-Type: application/json"'
  )
}
