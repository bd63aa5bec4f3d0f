/** Turns everything that a route throws into the contract's error JSON, without stack traces. */
import type { NextFunction, Request, Response } from 'express'
import type { Logger } from 'pino'
import type { ErrorAnswer } from '../../protocol/api-answers'
import { Refusal } from '../../cli/refusal'
import { isDiskFull } from '../store/disk-writer'

const DISK_FULL = 'The disk of the results server is full: nothing was stored; make room, then try again'

export function answerErrors(logger: Logger) {
  // Express recognises error handlers by their four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const { status, code, message, field } = refusalOf(error)
    if (status >= 500) logger.error({ method: request.method, path: request.path, err: error }, message)
    // If the response has begun, cutting it off is the only way left to signal the error.
    if (response.headersSent) response.destroy()
    else response.status(status).json({ error: code, message, field } satisfies ErrorAnswer)
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { type, code, limit } = error as { type?: string; code?: string; limit?: number }
  switch (type ?? code) {
    case 'entity.too.large':
      return new Refusal(413, 'body-too-large', `The body is larger than ${limit!} bytes: send less at once`)
    case 'encoding.unsupported':
      return new Refusal(415, 'unknown-encoding', 'Content-Encoding may be gzip, deflate or br')
    case 'request.aborted':
    case 'request.size.invalid':
      return new Refusal(400, 'body-cut-off', 'The body is not as long as its Content-Length')
  }
  if (isDiskFull(error)) return new Refusal(507, 'disk-full', DISK_FULL)
  const { status = 500 } = error as { status?: number }
  const message = 'The address or compressed body is malformed, or a header cannot be met'
  if (status >= 400 && status < 500) return new Refusal(status, 'bad-request', message)
  return new Refusal(500, 'internal-error', 'The server failed; its log says why')
}
