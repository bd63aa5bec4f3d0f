/**
 * How fast the results server ingests data, compared with minimal servers and, with `--before FOLDER`, with
 * the server of another checkout (with its node_modules). All variants take turns within one run, so that
 * disturbances of the machine affect all of them; only the ratios count.
 *
 * Servers and the load generator (ingest-load.ts) run as separate processes.
 */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { table } from '../../analysis/text'
import { fail } from '../../cli/command'
import { whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import { checkout } from './checkout'
import { batchOf, fieldsOfPoint, send } from './ingest-load'
import { ResultsClient } from '../../protocol/api-client'
import {
  atEnd,
  closeAll,
  costOf,
  residentBytes,
  startBare,
  startServer,
  stop,
  type RunningServer
} from './ingest-servers'
import { Influxd } from '../../server/testing/databases'
import { median } from '../../analysis/statistics/median'

interface Options {
  rounds: number
  seconds: number
  connections: number
  points: number
  rate: number
  peers: number
  influx: boolean
  before?: string
}

const options = flagsOf<Options>(
  new Command('npx peer-perf bench ingest')
    .description('Measures the results server against bare servers, in turns within one run.')
    .option('--rounds <number>', 'turns of each variant', whole(1, 100), 5)
    .option('--seconds <number>', 'length of a turn', whole(1, 600), 3)
    .option('--connections <number>', 'requests under way at once', whole(1, 1000), 32)
    .option(
      '--points <number>',
      'instead: so many points into one test and its finish, with memory and event loop watched',
      whole(0, 1e9),
      0
    )
    .option(
      '--rate <number>',
      'with --points: points a second; 0 is as fast as the server takes them',
      whole(0, 1e6),
      0
    )
    .option('--peers <number>', 'with --points: peers that send them', whole(1, 10_000), 500)
    .option('--before <folder>', 'another checkout, to compare with', checkout)
    .option('--no-influx', 'leave out the variant with InfluxDB')
)

/** Points of a request of a long test. */
const BATCH = 100
/** Requests of a long test under way at once. */
const SENDERS = 8
/** Share of the points after which memory is stable: buffers and compiled code have reached their size. */
const SETTLED = 0.2

interface Variant {
  name: string
  server: RunningServer
  send: () => Promise<void>
  pointsPerRequest: number
  /** The variant to divide its rate by. */
  against?: Variant
  atLeast?: number
}

/** The figures of one turn. */
interface Measured {
  perSecond: number
  /** µs of CPU time per point. */
  cpu: number
}

async function main(): Promise<void> {
  const fields = fieldsOfPoint(options.before)
  if (options.points > 0) await measureLongTests(fields)
  else await compareVariants(await makeVariants(fields))
}

/**
 * Sends a very large number of points to one test: memory must stay flat, the event loop responsive, the
 * document complete.
 */
async function measureLongTests(fields: string): Promise<void> {
  const checkouts = options.before === undefined ? [undefined] : [undefined, options.before]
  const rows: Record<string, string>[] = []
  for (let round = 0; round < options.rounds; round++) {
    for (const checkout of round % 2 === 0 ? checkouts : checkouts.toReversed()) {
      const server = await startServer({}, checkout)
      const figures = await measureLongTest(fields, server)
      await stop(server.process)
      rows.push({ server: checkout === undefined ? 'this checkout' : 'before', ...figures })
      console.error(`round ${round + 1}/${options.rounds} done`)
    }
  }
  const cells = rows.map((row) => Object.values(row))
  console.log(table(Object.keys(rows[0]!), cells))
}

/** Figures by name. CPU time is that of all the server's threads. */
async function measureLongTest(fields: string, server: RunningServer): Promise<Record<string, string>> {
  const { points } = options
  const client = new ResultsClient({ url: server.url })
  const ingest = await costOf(server, () => ingestAll(fields, server))
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
  fields: string,
  server: RunningServer
): Promise<{ growth: number; resident: number }> {
  const { points, rate, peers } = options
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
  await Promise.all(Array.from({ length: SENDERS }, keepSending))
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

async function compareVariants(variants: Variant[]): Promise<void> {
  // Warm-up: compile code and let files grow before measuring.
  for (const variant of variants) await measure(variant, 1)
  const turns = new Map<Variant, Measured[]>(variants.map((variant) => [variant, []]))
  for (let round = 0; round < options.rounds; round++) {
    // Forwards, then backwards: this way, a drift of the machine affects all variants equally.
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const turn = await measure(variant, options.seconds)
      turns.get(variant)!.push(turn)
      console.error(
        `round ${round + 1}/${options.rounds}  ${variant.name}: ${Math.round(turn.perSecond)} points/s`
      )
    }
  }
  console.log(tableOf(turns))
}

async function measure({ server, send, pointsPerRequest }: Variant, seconds: number): Promise<Measured> {
  let points = 0
  const keepSending = async () => {
    for (const until = performance.now() + seconds * 1000; performance.now() < until;) {
      await send()
      points += pointsPerRequest
    }
  }
  const { wall, cpu } = await costOf(server, async () => {
    await Promise.all(Array.from({ length: options.connections }, keepSending))
  })
  return { perSecond: (points * 1e6) / wall, cpu: cpu / points }
}

function tableOf(turns: ReadonlyMap<Variant, Measured[]>): string {
  const rows = [...turns].map(([{ name, against, atLeast }, own]) => [
    name,
    median(own.map(({ perSecond }) => perSecond)).toFixed(0),
    median(own.map(({ cpu }) => cpu)).toFixed(1),
    against === undefined ? '' : medianRatio(own, turns.get(against)!).toFixed(2),
    atLeast === undefined ? '' : `≥ ${atLeast}`
  ])
  return table(['variant', 'points/s (median)', 'CPU, µs/point', 'ratio', 'wanted'], rows)
}

async function makeVariants(fields: string): Promise<Variant[]> {
  // Each variant has its own counter: its server must see every sequence number once.
  const batch = (name: string, server: RunningServer): Variant => {
    const peers = 20
    let sequence = 0
    const body = () => batchOf(peers, ++sequence * peers, peers, fields)
    const url = `${server.url}/test/bench/metrics`
    return { name, server, send: () => send(url, 'POST', body()), pointsPerRequest: peers }
  }
  const single = (name: string, server: RunningServer): Variant => {
    let sequence = 0
    const body = () => `{"sequence":${sequence++},${fields}`
    const url = `${server.url}/test/bench/peer/p/metrics`
    return { name, server, send: () => send(url, 'PUT', body()), pointsPerRequest: 1 }
  }
  const ours = await startServer()
  const floor = batch('floor: bare node:http, 20 a request, no sync', await startBare('http'))
  const batches = { ...batch('results server, 20 a request, fsync', ours), against: floor, atLeast: 0.5 }
  const express = single('bare Express, single, no sync', await startBare('express'))
  const singles = { ...single('results server, single, fsync', ours), against: express, atLeast: 0.7 }
  const variants = [floor, batches, express, singles]
  if (options.before !== undefined) {
    const server = await startServer({}, options.before)
    variants.push({ ...batch('before, 20 a request, fsync', server), against: batches })
    variants.push({ ...single('before, single, fsync', server), against: singles })
  }
  if (options.influx) {
    const { url } = await Influxd.start({ after: (close: () => Promise<void>) => atEnd.push(close) })
    const relaying = await startServer({ INFLUX_URL: url })
    const name = 'results server, 20 a request, fsync, relay on'
    variants.push({ ...batch(name, relaying), against: batches, atLeast: 0.7 })
  }
  return variants
}

/** The median of the ratios within rounds: a disturbance affects both runs of a round. */
const medianRatio = (values: Measured[], base: Measured[]) =>
  median(values.map(({ perSecond }, round) => perSecond / base[round]!.perSecond))

main().catch(fail).finally(closeAll)
