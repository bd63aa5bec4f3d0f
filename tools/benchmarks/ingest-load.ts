/** What the load generator sends: data points as real peers send them. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { BatchPoint } from '../../protocol/data-point'
import { bundle } from '../../server/testing/bundle'

/**
 * All fields of a data point except for its peer and sequence, as JSON without the opening brace.
 *
 * @param checkout the checkout to take the sample point from: an older server is slower with fields it does
 * not know
 */
export function fieldsOfPoint(checkout = join(__dirname, '../..')): string {
  const samples = join(checkout, 'server/testing/sample-data')
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a module of another checkout
  const { samplePoint } = require(join(bundle([samples]), 'sample-data.js')) as {
    samplePoint: (peerId: string, sequence: number) => BatchPoint
  }
  return JSON.stringify(samplePoint('p', 1))
    .replace(/"peerId":"p","sequence":1,/, '')
    .slice(1)
}

/** A batch of points that the peers take turns to send. Every point of a peer has a new sequence number. */
export function batchOf(size: number, first: number, peers: number, fields: string): string {
  const points = Array.from({ length: size }, (_, index) => {
    const number = first + index
    return `{"peerId":"peer${number % peers}","sequence":${Math.floor(number / peers)},${fields}`
  })
  return `[${points.join(',')}]`
}

/** Each request that is under way has a connection of its own, which Node keeps for the next one. */
export async function send(url: string, method: 'POST' | 'PUT', text: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  const call = request(url, { method, headers }).end(text)
  // A connection that breaks after that makes the response fail, too.
  call.on('error', () => undefined)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  if (response.statusCode !== 200) throw new Error(`${method} ${url}: ${response.statusCode ?? 0}`)
}
