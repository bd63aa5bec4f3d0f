/**
 * Sends a very large number of points to one test: memory must stay flat, the event loop responsive, the
 * document complete.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { ResultsClient } from '../protocol/api-client'
import { send } from './ingest-load'
import { batchOf } from './ingest-points'
import { cpuTimeOf, residentBytes, type RunningServer } from './ingest-servers'

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
  { url, process: server }: RunningServer
): Promise<Record<string, string>> {
  const { points } = load
  const client = new ResultsClient({ url })
  const ingest = await measured(points, server, () => ingestAll(load, url, server))
  const finish = await measured(points, server, () => client.finishTest('bench'))
  const { eventLoopDelayMs } = await client.status()
  const { growth, resident } = ingest.value
  return {
    'points/s': (1e6 / ingest.wall).toFixed(0),
    'CPU, µs/point': ingest.cpu.toFixed(1),
    'finish, µs/point (≤ 10)': finish.wall.toFixed(1),
    'finish CPU, µs/point': finish.cpu.toFixed(1),
    'memory grew, MB (< 50)': (growth / 1e6).toFixed(0),
    'memory, MB': (resident / 1e6).toFixed(0),
    'longest loop delay, ms (≤ 50)': eventLoopDelayMs.max.toFixed(1),
    [`stored (${points})`]: String(await countPoints(url))
  }
}

/** Bytes by which the server grew once its memory was stable, and bytes in memory after the last point. */
async function ingestAll(
  { points, rate, peers, fields }: LongLoad,
  url: string,
  server: ChildProcess
): Promise<{ growth: number; resident: number }> {
  const begun = performance.now()
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let next = 0
  let settled: number | undefined
  const keepSending = async () => {
    while (next < points) {
      const first = next
      next += BATCH
      if (rate > 0) await sleep(begun + (first / rate) * 1000 - performance.now())
      const body = () => batchOf(BATCH, first, peers, fields)
      await send(agent, { url, path: '/test/bench/metrics', method: 'POST', body })
      if (first >= SETTLED * points) settled ??= residentBytes(server)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, keepSending))
  agent.destroy()
  const resident = residentBytes(server)
  return { resident, growth: resident - (settled ?? NaN) }
}

/** µs per point, by the clock and in CPU time of the server. */
async function measured<T>(
  points: number,
  server: ChildProcess,
  act: () => Promise<T>
): Promise<{ wall: number; cpu: number; value: T }> {
  const [begun, cpuBefore] = [performance.now(), cpuTimeOf(server)]
  const value = await act()
  const wall = ((performance.now() - begun) * 1000) / points
  return { wall, cpu: (cpuTimeOf(server) - cpuBefore) / points, value }
}

/** Each point has a line of its own in the document. Parsing a million of them would take ten minutes. */
async function countPoints(url: string): Promise<number> {
  const [response] = (await once(get(`${url}/test/bench?dataPoints=true`), 'response')) as [IncomingMessage]
  let count = 0
  for await (const line of createInterface({ input: response })) if (line.startsWith('{"peerId":')) count++
  return count
}
