/** The live dashboard: a folder built from dashboard/. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { Router } from 'express'

const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  // Chart libraries set styles at run time.
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'"
].join('; ')

export function serveDashboard(folder: string | undefined): Router {
  const router = Router()
  router.use((_request, response, next) => {
    response.set({ 'Content-Security-Policy': POLICY, 'Referrer-Policy': 'no-referrer' })
    next()
  })
  // Another folder's files are nobody's business.
  if (folder !== undefined && existsSync(join(folder, 'index.html'))) router.use(express.static(folder))
  // Also where a cleaner of temporary files has emptied the folder.
  router.get('/', (_request, response) => {
    response
      .type('text')
      .send(
        'The server has no dashboard: start it again by "npx peer-perf server", or correct DASHBOARD_FOLDER.\n'
      )
  })
  return router
}
