/** Request bodies: bounded, decompressed, parsed and checked. The raw bytes are kept for the journal. */
import { promisify } from 'node:util'
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

/** Reads the bodies of a call. Throws Refusal 400, 413 or 415. */
export function bodyReader(name: RouteName) {
  const route: Route = API[name]
  const limit = route.bodyLimit ?? LIMITS.bodyBytes
  const read = promisify(raw({ limit, type: () => true }))
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
