/**
 * Sends a very large number of points to one test: memory must stay flat, the event loop responsive, the
 * document complete.
 */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { ResultsClient } from '../protocol/api-client'
import { batchOf, send } from './ingest-load'
import { costOf, residentBytes, type RunningServer } from './ingest-servers'

const BATCH = 100
const CONNECTIONS = 8
/** Share of the points after which memory is stable: buffers and compiled code have reached their size. */
const SETTLED = 0.2

export interface LongLoad {
  points: number
  /** Points per second; 0: as fast as the server accepts them. */
  rate: number
  peers: number
  /** See fieldsOfPoint. */
  fields: string
}

/** Figures by name. CPU time is that of all the server's threads. */
export async function measureLongTest(
  load: LongLoad,
  server: RunningServer
): Promise<Record<string, string>> {
  const { points } = load
  const client = new ResultsClient({ url: server.url })
  const ingest = await costOf(server, () => ingestAll(load, server))
  const finish = await costOf(server, () => client.finishTest('bench'))
  const { eventLoopDelayMs } = await client.status()
  const { growth, resident } = ingest.value
  return {
    'points/s': ((points * 1e6) / ingest.wall).toFixed(0),
    'CPU, µs/point': (ingest.cpu / points).toFixed(1),
    'finish, µs/point (≤ 10)': (finish.wall / points).toFixed(1),
    'finish CPU, µs/point': (finish.cpu / points).toFixed(1),
    'memory grew, MB (< 50)': (growth / 1e6).toFixed(0),
    'memory, MB': (resident / 1e6).toFixed(0),
    'longest loop delay, ms (≤ 50)': eventLoopDelayMs.max.toFixed(1),
    [`stored (${points})`]: String(await countPoints(server.url))
  }
}

/** Bytes by which the server grew once its memory was stable, and bytes in memory after the last point. */
async function ingestAll(
  { points, rate, peers, fields }: LongLoad,
  server: RunningServer
): Promise<{ growth: number; resident: number }> {
  const begun = performance.now()
  let next = 0
  let settled: number | undefined
  const keepSending = async () => {
    while (next < points) {
      const first = next
      next += BATCH
      if (rate > 0) await sleep(begun + (first / rate) * 1000 - performance.now())
      await send(`${server.url}/test/bench/metrics`, 'POST', batchOf(BATCH, first, peers, fields))
      if (first >= SETTLED * points) settled ??= residentBytes(server)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, keepSending))
  const resident = residentBytes(server)
  return { resident, growth: resident - (settled ?? NaN) }
}

/** Each point has a line of its own in the document. Parsing a million of them would take ten minutes. */
async function countPoints(url: string): Promise<number> {
  const [response] = (await once(get(`${url}/test/bench?dataPoints=true`), 'response')) as [IncomingMessage]
  let count = 0
  for await (const line of createInterface({ input: response })) if (line.startsWith('{"peerId":')) count++
  return count
}
