/** Request bodies: bounded, decompressed, parsed and checked. The raw bytes are kept for the journal. */
import { setImmediate } from 'node:timers/promises'
import { raw } from 'body-parser'
import type { Request, Response } from 'express'
import type { Route } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { Refusal } from '../refusal'
import type { Body } from '../store/live-test'
import { BytesInFlight } from './bytes-in-flight'
import { QUICK_CHECKS } from './quick-check'
import { check } from './validation'

/** A body of at least this many bytes waits for its own turn of the event loop. */
const LARGE_BODY = 65_536
/** Limits the total size of bodies held at once, in bytes. */
const bytesInFlight = new BytesInFlight(256 * 1024 * 1024)

const COMMA = ','.charCodeAt(0)

const readers = new Map<number, ReturnType<typeof raw>>()

/** Throws Refusal 400, 413 or 415. */
export async function readBody(route: Route, request: Request, response: Response): Promise<Body<unknown>> {
  const bytes = await readBytes(route.bodyLimit ?? LIMITS.bodyBytes, request, response)
  const isEmpty = bytes.length === 0
  if (isEmpty && !route.bodyOptional)
    throw new Refusal(400, 'bad-body', 'The body is empty: send JSON as docs/results-server.md describes it')
  if (!isEmpty) requireJson(request)
  refuseTooManyValues(bytes, route.bodyValues ?? LIMITS.bodyValues)
  if (bytes.length > LARGE_BODY) await ownTurn()
  const parsed = isEmpty ? {} : parseJson(bytes)
  const isRight = QUICK_CHECKS.get(route.body!)?.(parsed) ?? false
  // A newline would split the journal line.
  if (isRight && !bytes.includes(10)) return { value: parsed, raw: bytes }
  const value = isRight ? parsed : check(route.body!, parsed, 'body')
  return { value, raw: JSON.stringify(value) }
}

async function readBytes(limit: number, request: Request, response: Response): Promise<Buffer> {
  let reader = readers.get(limit)
  if (!reader) readers.set(limit, (reader = raw({ limit, type: () => true })))
  const untrack = bytesInFlight.track(request, limit)
  try {
    await new Promise<void>((done, failed) => {
      reader(request, response, (error?: unknown) => {
        if (error) failed(error as Error)
        else done()
      })
    })
  } finally {
    untrack()
  }
  const body: unknown = request.body
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** A foreign page can send other content types without a preflight. */
function requireJson(request: Request): void {
  const type = request.headers['content-type'] ?? ''
  if (/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type)) return
  throw new Refusal(
    415,
    'not-json',
    'Send the body as JSON in UTF-8, with the header "Content-Type: application/json"'
  )
}

/**
 * The time to parse and check a body depends on its number of values, not bytes. Commas inside strings count
 * as well, but they are rare.
 */
function refuseTooManyValues(bytes: Buffer, limit: number): void {
  // Each value and its comma take at least two bytes.
  if (bytes.length <= 2 * limit) return
  let values = 1
  for (let at = bytes.indexOf(COMMA); at >= 0; at = bytes.indexOf(COMMA, at + 1)) values++
  if (values > limit)
    throw new Refusal(413, 'body-too-complex', `The body has more than ${limit} values: send less at once`)
}

let lastTurn = Promise.resolve()

/**
 * Resolves in an event-loop turn that no other large body uses. Clients estimate clock offsets from how
 * quickly `/time` answers.
 */
function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate())
  return lastTurn
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new Refusal(400, 'bad-json', `The body is not JSON: ${(error as Error).message}`)
  }
}
