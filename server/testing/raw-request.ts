/** Sends requests as a hostile or broken client would. */
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { ErrorAnswer } from '../../protocol/api-answers'
import { serve, type Served } from './test-server'

export interface Answer {
  status: number
  body: ErrorAnswer & Record<string, unknown>
  type: string | undefined
}

export interface Sent {
  method?: string
  path: string
  body?: string | Buffer
  headers?: Record<string, string>
}

/**
 * Uses node:http because fetch would normalise paths and headers. Every response must be JSON without a stack
 * trace.
 */
export function send(
  { url }: Pick<Served, 'url'>,
  { method = 'GET', path, body, headers = {} }: Sent
): Promise<Answer> {
  const { hostname, port } = new URL(url)
  // Node sends the body of a GET without its length, so the server would read it as the next request.
  const type =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { hostname, port, method, path, headers: { ...type, ...headers } },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.once('end', () => {
          assert.doesNotMatch(text, /\n\s+at |node_modules/, 'no stack trace')
          const status = response.statusCode!
          const isJson = (response.headers['content-type'] ?? '').includes('json')
          resolve({
            status,
            body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
            type: response.headers['content-type']
          })
        })
      }
    )
    call.once('error', reject)
    call.end(body)
  })
}

/** A server with a running test, `run`. */
export async function runningServer(t: Parameters<typeof serve>[0]): Promise<Served> {
  const server = await serve(t)
  await server.client.createTest('run', { started: true })
  return server
}
