import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express'
import type { Logger } from 'pino'
import { Refusal } from '../options/refusal'
import type { LighthouseOptions } from './options'
import { FOREIGN_HOST, FOREIGN_ORIGIN, isAllowedHost, isAllowedOrigin } from './origins'

/** Bodies are small JSON, and every failure gets a JSON answer. */
export function createHttpApp(
  routes: Record<string, Router>,
  { logger, host, allowedOrigins }: Pick<LighthouseOptions, 'logger' | 'host' | 'allowedOrigins'>
): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(checkOrigin(host, allowedOrigins), express.json({ limit: '16kb' }))
  for (const [path, router] of Object.entries(routes)) app.use(path, router)
  app.use((_request, response) => {
    response.status(404).json({ status: 'not-found', message: 'no such page: / lists them' })
  })
  app.use(answerError(logger))
  return app
}

/** Refuses pages of foreign origins and names, and lets pages of allowed origins read the answers. */
function checkOrigin(bound: string, allowedOrigins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const { origin, host } = request.headers
    if (!isAllowedHost(bound, host, allowedOrigins)) throw new Refusal(403, 'foreign-host', FOREIGN_HOST)
    if (!isAllowedOrigin(origin, allowedOrigins)) throw new Refusal(403, 'foreign-origin', FOREIGN_ORIGIN)
    response.set({ 'X-Content-Type-Options': 'nosniff', Vary: 'Origin' })
    if (origin !== undefined)
      response.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Headers': 'content-type, x-peer-token',
        'Access-Control-Allow-Methods': 'GET, PUT, DELETE',
        'Access-Control-Max-Age': '600'
      })
    if (request.method === 'OPTIONS') response.sendStatus(204)
    else next()
  }
}

function answerError(logger: Logger): ErrorRequestHandler {
  return (error: Error & { statusCode?: number }, _request, response, next) => {
    const { statusCode = 500, message } = error
    const answer = (code: number, status: string, text = message) =>
      response.status(code).json({ status, message: text })
    if (response.headersSent) next(error)
    else if (error instanceof Refusal) answer(error.status, error.code)
    // Express itself rejected the body or the address.
    else if (statusCode < 500) answer(statusCode, 'bad-request')
    else {
      logger.error(error)
      answer(500, 'internal-error', 'the Lighthouse failed: see its log')
    }
  }
}
