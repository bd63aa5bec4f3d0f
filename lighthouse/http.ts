import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express'
import type { Logger } from 'pino'
import { Refusal } from './refusal'

/** Sets up the HTTP side: any page may call, bodies are small JSON, and every failure gets a JSON answer. */
export function createHttpApp(routes: { path: string; router: Router }[], logger: Logger): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(allowAnyOrigin, express.json({ limit: '16kb' }))
  for (const { path, router } of routes) app.use(path, router)
  app.use((_request, response) => {
    response.status(404).json({ status: 'not-found', message: 'no such page: / lists them' })
  })
  app.use(answerError(logger))
  return app
}

const allowAnyOrigin: RequestHandler = (request, response, next) => {
  response.set({
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': 'content-type, x-peer-token',
    'Access-Control-Allow-Methods': 'GET, PUT, DELETE',
    'Access-Control-Max-Age': '600'
  })
  if (request.method === 'OPTIONS') response.sendStatus(204)
  else next()
}

function answerError(logger: Logger): ErrorRequestHandler {
  return (error: Error & { expose?: boolean; statusCode?: number }, _request, response, next) => {
    if (response.headersSent) {
      next(error)
    } else if (error instanceof Refusal) {
      response.status(error.code).json({ status: error.status, message: error.message })
    } else if (error.statusCode !== undefined && error.statusCode < 500) {
      // Express itself found fault with the body or the address.
      response.status(error.statusCode).json({ status: 'bad-request', message: error.message })
    } else {
      logger.error(error)
      response.status(500).json({ status: 'internal-error', message: 'the Lighthouse failed: see its log' })
    }
  }
}
