/** Very many points into one test: memory stays flat, the event loop free, the document whole. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import Table from 'cli-table3'
import { parser } from 'stream-json'
import { pick } from 'stream-json/filters/Pick'
import { streamArray } from 'stream-json/streamers/StreamArray'
import { ResultsClient } from '../protocol/api-client'
import { samplePoint } from '../server/testing/sample-data'
import { send } from './ingest-load'

const BATCH = 100
const CONNECTIONS = 8
/** Memory is compared with what it was then: buffers and compiled code have their size. */
const SETTLED = 0.2

type StartServer = (variables: Record<string, string>) => Promise<{ url: string; process: ChildProcess }>

/** The table of what was seen. */
export async function measureLongTest(points: number, folder: string, start: StartServer): Promise<string> {
  const { url, process: server } = await start({})
  const client = new ResultsClient({ url })
  const memory: { points: number; rss: number }[] = []
  let next = 0
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const rest = JSON.stringify(samplePoint('p', 1))
    .replace(/"peerId":"p","sequence":1,/, '')
    .slice(1)
  const keepSending = async () => {
    while (next < points) {
      const first = next
      next += BATCH
      const entries = Array.from(
        { length: BATCH },
        (_, i) => `{"peerId":"peer${(first + i) % 500}","sequence":${Math.floor((first + i) / 500)},${rest}`
      )
      await send(agent, {
        url,
        path: '/test/bench/metrics',
        method: 'POST',
        body: () => `[${entries.join(',')}]`
      })
      if (first % (points / 10) === 0) memory.push({ points: first, rss: rssOf(server) })
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, keepSending))
  const seconds = (performance.now() - begun) / 1000
  const afterIngest = rssOf(server)
  const settled = memory.find((entry) => entry.points >= SETTLED * points)?.rss ?? NaN
  const finishBegun = performance.now()
  const state = await client.finishTest('bench')
  const finishSeconds = (performance.now() - finishBegun) / 1000
  const { eventLoopDelayMs } = await client.status()
  const table = new Table({ head: ['what', 'seen', 'wanted'], style: { head: [], border: [] } })
  table.push(
    ['points', points, ''],
    ['points/s', Math.round(points / seconds), ''],
    ['RSS after 20 % / at the end, MB', `${mega(settled)} / ${mega(afterIngest)}`, 'grows by < 50'],
    ['finish, s', finishSeconds.toFixed(1), ''],
    ['event loop, longest delay, ms', eventLoopDelayMs.max.toFixed(1), '≤ 50'],
    ['points in the state', state.dataPointCount, points],
    ['points in the document, read as a stream', await countPoints(url), points],
    ['folder', folder, '']
  )
  return table.toString()
}

function countPoints(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`${url}/test/bench?dataPoints=true`, (response) => {
      let count = 0
      response
        .pipe(parser())
        .pipe(pick({ filter: 'dataPoints' }))
        .pipe(streamArray())
        .on('data', () => count++)
        .once('end', () => {
          resolve(count)
        })
        .once('error', reject)
    }).once('error', reject)
  })
}

/** Bytes, of the whole process. */
function rssOf({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid!}/status`, 'utf8'))?.[1]) * 1024
}

const mega = (bytes: number) => Math.round(bytes / 1e6)
