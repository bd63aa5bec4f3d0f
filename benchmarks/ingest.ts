/**
 * How fast the results server takes data, against servers that do the least one can do. All variants run in turns within
 * one run, so that what the machine does meanwhile falls on all alike; what counts are the ratios.
 *
 * Servers are processes of their own; the load is a process as well (ingest-load.ts).
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Command } from 'commander'
import { whole } from '../commands/flags'
import { ResultsClient } from '../protocol/api-client'
import { bundledServer } from '../server/testing/bundle'
import { samplePoint } from '../server/testing/sample-data'
import { Influxd } from '../server/testing/databases'
import { measureLoad, type Load } from './ingest-load'
import { measureLongTest } from './ingest-long'
import { median } from './median'

interface Options {
  rounds: number
  seconds: number
  connections: number
  points: number
  influx: boolean
}

const options = new Command('ingest')
  .description('Measures the results server against bare servers, in turns within one run.')
  .option('--rounds <number>', 'turns of each variant', whole(1, 100), 5)
  .option('--seconds <number>', 'length of a turn', whole(1, 600), 3)
  .option('--connections <number>', 'requests under way at once', whole(1, 1000), 32)
  .option(
    '--points <number>',
    'also: so many points into one test, with memory and event loop watched',
    whole(0, 1e9),
    0
  )
  .option('--no-influx', 'leave out the variant with InfluxDB')
  .parse()
  .opts<Options>()

interface Variant {
  name: string
  /** What its rate is divided by. */
  against?: string
  atLeast?: number
  url: string
  path: string
  method: 'POST' | 'PUT'
  body: () => string
  pointsPerRequest: number
}

const closers: (() => Promise<void> | void)[] = []
const folder = mkdtempSync(join(tmpdir(), 'ingest-'))
closers.push(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function main(): Promise<void> {
  if (options.points > 0) console.log(await measureLongTest(options.points, folder, startServer))
  else await compareVariants()
}

async function compareVariants(): Promise<void> {
  const variants = await makeVariants()
  // Code is compiled and files are grown before anything counts.
  for (const variant of variants)
    await measureLoad({ ...variant, seconds: 1, connections: options.connections })
  const rates = new Map<string, number[]>(variants.map(({ name }) => [name, []]))
  for (let round = 0; round < options.rounds; round++) {
    // Forward, then backward: a drift of the machine falls on all alike.
    for (const variant of round % 2 === 0 ? variants : [...variants].reverse()) {
      const load: Load = { ...variant, seconds: options.seconds, connections: options.connections }
      const perSecond = (await measureLoad(load)) * variant.pointsPerRequest
      rates.get(variant.name)!.push(perSecond)
      console.error(
        `round ${round + 1}/${options.rounds}  ${variant.name}: ${Math.round(perSecond)} points/s`
      )
    }
  }
  const table = new Table({
    head: ['variant', 'points/s (median)', 'ratio', 'wanted'],
    style: { head: [], border: [] }
  })
  for (const { name, against, atLeast } of variants) {
    const ratio = against === undefined ? undefined : medianRatio(rates.get(name)!, rates.get(against)!)
    table.push([
      name,
      Math.round(median(rates.get(name)!)),
      ratio?.toFixed(2) ?? '',
      atLeast === undefined ? '' : `≥ ${atLeast}`
    ])
  }
  console.log(table.toString())
}

async function makeVariants(): Promise<Variant[]> {
  const batch = {
    path: '/test/bench/metrics',
    method: 'POST',
    body: batchBodies(20),
    pointsPerRequest: 20
  } as const
  const single = {
    path: '/test/bench/peer/p/metrics',
    method: 'PUT',
    body: singleBodies(),
    pointsPerRequest: 1
  } as const
  const floor = startBare('http')
  const express = startBare('express')
  const ours = await startServer({})
  const variants: Variant[] = [
    { ...batch, name: 'floor: bare node:http, 20 a request, no sync', url: await floor },
    {
      ...batch,
      name: 'results server, 20 a request, fsync',
      url: ours.url,
      against: 'floor: bare node:http, 20 a request, no sync',
      atLeast: 0.5
    },
    { ...single, name: 'bare Express, single, no sync', url: await express },
    {
      ...single,
      name: 'results server, single, fsync',
      url: ours.url,
      against: 'bare Express, single, no sync',
      atLeast: 0.7
    }
  ]
  if (options.influx) {
    const influxd = await Influxd.start({ after: (close: () => Promise<void>) => closers.push(close) })
    const relaying = await startServer({ INFLUX_URL: influxd.url })
    variants.push({
      ...batch,
      name: 'results server, 20 a request, fsync, relay on',
      url: relaying.url,
      against: 'results server, 20 a request, fsync',
      atLeast: 0.7
    })
  }
  return variants
}

/** New sequences with each request: nothing is a duplicate. */
function batchBodies(points: number): () => string {
  let sequence = 0
  const rest = JSON.stringify(samplePoint('p', 1))
    .replace(/"peerId":"p","sequence":1,/, '')
    .slice(1)
  return () =>
    `[${Array.from({ length: points }, (_, peer) => `{"peerId":"peer${peer}","sequence":${peer === points - 1 ? sequence++ : sequence},${rest}`).join(',')}]`
}

function singleBodies(): () => string {
  let sequence = 0
  const rest = JSON.stringify(samplePoint('p', 1))
    .replace(/"peerId":"p","sequence":1,/, '')
    .slice(1)
  return () => `{"sequence":${sequence++},${rest}`
}

async function startServer(
  variables: Record<string, string>
): Promise<{ url: string; process: ChildProcess }> {
  const results = mkdtempSync(join(folder, 'results-'))
  const started = await startProcess([bundledServer(), '--port', '0'], {
    TEST_RESULTS_LOCATION: results,
    LOG_LEVEL: 'warn',
    ...variables
  })
  await new ResultsClient({ url: started.url }).createTest('bench', { started: true })
  return started
}

async function startBare(kind: 'http' | 'express'): Promise<string> {
  const file = join(__dirname, 'ingest-floor')
  const { url } = await startProcess(
    ['--require', require.resolve('ts-node/register'), `${file}.ts`, kind, join(folder, `${kind}.log`)],
    {}
  )
  return url
}

async function startProcess(
  args: string[],
  variables: Record<string, string>
): Promise<{ url: string; process: ChildProcess }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  closers.push(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGKILL')) await ended
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/[\w.:]+/.exec(output)
      if (found) resolve(found[0])
    })
    child.once('exit', (code) => {
      reject(new Error(`${args.join(' ')} ended with ${code ?? 'a signal'}`))
    })
  })
  return { url, process: child }
}

/** Of the rounds' ratios: what disturbed a round disturbed both its runs. */
const medianRatio = (values: number[], base: number[]) =>
  median(values.map((value, round) => value / base[round]!))

async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

// Ctrl-C leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void closeAll().then(() => process.exit(1)))

main()
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
  .finally(closeAll)
