/** What is read of a test: its state, its document, its summary, its events. */
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Request, Response } from 'express'
import type { Handlers } from '../http/register'
import { LiveTest } from '../store/live-test'
import type { Services } from './services'
import { waitFor } from './long-poll'

export function documentHandlers({ store, access, events }: Services) {
  return {
    getTest: async ({ params, query, request, response }) => {
      if (query.dataPoints) {
        access.require('control', request)
        await sendDocument(params.testId, request, response)
        return undefined
      }
      const test = store.get(params.testId)
      if (query.waitFor && test instanceof LiveTest) await waitFor(test, query.waitFor, request)
      return store.stateOf(params.testId)
    },
    getSummary: ({ params }) => store.summary(params.testId),
    getEvents: async ({ params, query, request, response }) => {
      await events.serve(store.get(params.testId), query.since, request, response)
      return undefined
    }
  } satisfies Partial<Handlers>

  async function sendDocument(id: string, request: Request, response: Response): Promise<void> {
    const test = await store.getSettled(id)
    if (!(test instanceof LiveTest)) {
      await sendFile(test.documentPath, request, response)
      return
    }
    const snapshot = await store.snapshot(test)
    try {
      await sendFile(snapshot, request, response)
    } finally {
      await rm(snapshot, { force: true })
    }
  }
}

/** A caller that goes away ends the reading; one that reads slowly slows it. */
async function sendFile(path: string, request: Request, response: Response): Promise<void> {
  response.type('application/json').setHeader('Vary', 'Origin, Accept-Encoding')
  const file = createReadStream(path)
  try {
    if (request.acceptsEncodings('gzip')) {
      response.setHeader('Content-Encoding', 'gzip')
      await pipeline(file, createGzip({ level: 1 }), response)
    } else {
      await pipeline(file, response)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}
