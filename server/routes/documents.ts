/** Read access to tests: their list, and the state, document, summary and events of one; and its finish. */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Request, Response } from 'express'
import { cursorOf } from '../../protocol/list-cursor'
import { LIMITS } from '../../protocol/limits'
import { Refusal } from '../../cli/refusal'
import type { Handlers } from '../http/register'
import { LiveTest } from '../store/live-test'
import { handIn, untilChanged } from './hand-in'
import type { Services } from './services'

/** Proxies cut off responses that take 30 s. */
const LONGEST_POLL_MS = 25_000

export function documentHandlers({ store, access, events }: Services) {
  let readers = 0
  return {
    listTests: ({ query: { limit = LIMITS.listedTests, before }, response }) => {
      const { states, isLast } = store.list(limit, before)
      const last = states.at(-1)
      if (last && !isLast)
        response.setHeader('Link', `</test?limit=${limit}&before=${cursorOf(last)}>; rel="next"`)
      return states.map((state) => ({ ...state, runners: undefined }))
    },
    getTest: async ({ params, query, request, response }) => {
      if (query.dataPoints) access.require('read', request)
      const test = store.get(params.testId)
      if (query.waitFor && test instanceof LiveTest) {
        const isReached = () => query.waitFor === 'started' && test.model.state !== 'created'
        await untilChanged(test, isReached, LONGEST_POLL_MS, request.socket)
      }
      return query.dataPoints ? sendDocument(params.testId, request, response) : store.stateOf(params.testId)
    },
    finishTest: async ({ params, query, request, response }) => {
      await handIn(store.getLive(params.testId))
      const finished = await store.finish(params.testId)
      return query.dataPoints ? sendDocument(params.testId, request, response) : finished
    },
    getSummary: ({ params }) => store.summary(params.testId),
    getEvents: ({ params, query, request, response }) =>
      events.serve(store.get(params.testId), query.since, request, response)
  } satisfies Partial<Handlers>

  async function sendDocument(id: string, request: Request, response: Response): Promise<void> {
    const limit = LIMITS.documentReaders
    const message = `${limit} results documents are being read: try again in a minute`
    if (readers >= limit) throw new Refusal(503, 'too-many-readers', message)
    readers++
    try {
      await sendStream(await store.openDocument(id), response, !!request.acceptsEncodings('gzip'))
    } finally {
      readers--
    }
  }
}

/** Stops reading when the caller disconnects, and slows down for a slow reader. */
export async function sendStream(document: Readable, response: Response, gzips = false): Promise<void> {
  response.type('application/json').setHeader('Vary', 'Origin, Accept-Encoding')
  try {
    if (gzips) {
      response.setHeader('Content-Encoding', 'gzip')
      await pipeline(document, createGzip({ level: 1 }), response)
    } else await pipeline(document, response)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    // Node 26 leaves it open if the caller has gone before.
    document.destroy()
  }
}
