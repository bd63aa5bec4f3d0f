/** Request bodies: bounded, decompressed, parsed, checked; and kept as they came, for the journal. */
import { raw } from 'body-parser'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Route } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { batchSchema, singlePointSchema } from '../../protocol/metrics'
import { Refusal } from '../refusal'
import type { Body } from '../store/live-test'
import { quickCheck } from './quick-check'
import { check } from './validation'

/** Of the bodies that come thousands of times a second. */
const quickChecks = new Map<z.ZodType, (value: unknown) => boolean>(
  [singlePointSchema, batchSchema].map((schema) => [schema, quickCheck(schema)])
)

const readers = new Map<number, ReturnType<typeof raw>>()

/** Throws Refusal 400, 413 or 415. */
export async function readBody(route: Route, request: Request, response: Response): Promise<Body<unknown>> {
  const bytes = await readBytes(route.bodyLimit ?? LIMITS.bodyBytes, request, response)
  const isEmpty = bytes.length === 0
  if (isEmpty && !route.bodyOptional)
    throw new Refusal(400, 'bad-body', 'The body is empty: send JSON as docs/results-server.md describes it')
  if (!isEmpty) requireJson(request)
  const parsed = isEmpty ? {} : parseJson(bytes)
  const isRight = quickChecks.get(route.body!)?.(parsed) ?? false
  // A newline would break the journal's line.
  if (isRight && !bytes.includes(10)) return { value: parsed, raw: bytes }
  const value = isRight ? parsed : check(route.body!, parsed, 'body')
  return { value, raw: JSON.stringify(value) }
}

async function readBytes(limit: number, request: Request, response: Response): Promise<Buffer> {
  let reader = readers.get(limit)
  if (!reader) readers.set(limit, (reader = raw({ limit, type: () => true })))
  await new Promise<void>((done, failed) => {
    reader(request, response, (error?: unknown) => {
      if (error) failed(error as Error)
      else done()
    })
  })
  const body: unknown = request.body
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

/** A foreign page can send other types without asking by a preflight. */
function requireJson(request: Request): void {
  const type = request.headers['content-type'] ?? ''
  if (/^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i.test(type)) return
  throw new Refusal(
    415,
    'not-json',
    'Send the body as JSON in UTF-8, with the header "Content-Type: application/json"'
  )
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new Refusal(400, 'bad-json', `The body is not JSON: ${(error as Error).message}`)
  }
}
