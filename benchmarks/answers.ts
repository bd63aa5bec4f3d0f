/**
 * `npm run bench:answers`: for how long the most expensive requests hold the results server's event loop:
 * nothing else is answered meanwhile. Measured as CPU time of the server's main thread, which other programs
 * on the machine don't affect; a request's answer takes at most as long. Exit code 1 above 50 ms.
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Table from 'cli-table3'
import { Command } from 'commander'
import { whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { LIMITS } from '../protocol/limits'
import { samplePoint, sampleResults, sampleRunner } from '../server/testing/sample-data'
import { spawnServer } from '../server/testing/test-server'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { median } from './median'

const MOST_MS = 50
const RUNNERS = 8

const { requests, tests } = refuseSwallowedFlags(
  new Command('answers')
    .description("Measures how long the heaviest requests hold the results server's event loop.")
    .option('--requests <number>', 'requests of each kind, one after the other', whole(3, 10_000), 20)
    .option(
      '--tests <number>',
      'finished tests in the folder when the server starts',
      whole(1, 100_000),
      20_000
    )
)
  .parse()
  .opts<{ requests: number; tests: number }>()

const ids = (count: number) => Array.from({ length: count }, (_, i) => `peer-${i}-`.padEnd(42, 'x'))
const heard = (count: number) => Object.fromEntries(ids(count).map((id) => [id, [1, 2, 3, 4, 5, 6]]))
const results = sampleResults(1, 1e12, 2e12)
const mesh = (peers: number, links: number) => ({
  at: 1,
  source: 'peers',
  nodes: ids(peers).map((id) => ({ id, connectedPeers: ids(links) }))
})
/** As many full points as fit. */
const batch = Array.from({ length: 1_000 }, (_, sequence) => samplePoint('p', sequence))
while (JSON.stringify(batch).length > LIMITS.bodyBytes) batch.length -= 10
const topology = JSON.stringify(mesh(200, 199))

/** Each body uses its whole limit, or violates it, in the most expensive way. */
const BODIES: [what: string, path: string, body: string][] = [
  ['topologies, full mesh of 200', 'topology', topology],
  ['the same, wrong at the end', 'topology', topology.replace(/\]\}\]\}$/, '],"position":1}]}')],
  ['final results, 2,800 senders', 'peer/p/results', JSON.stringify({ ...results, heard: heard(2_800) })],
  [
    'the same, wrong at the end',
    'peer/p/results',
    JSON.stringify({ ...results, heard: { ...heard(2_800), z: 1 } })
  ],
  ['final results of 4 MB', 'peer/p/results', JSON.stringify({ ...results, routine: 'x'.repeat(4_000_000) })],
  [`a batch of ${batch.length} full points`, 'metrics', JSON.stringify(batch)],
  [
    '1 MB of names',
    'metrics',
    `[{${ids(20_000)
      .map((id) => `"${id}":1`)
      .join()}}]`
  ],
  ['1 MB of brackets', 'metrics', '['.repeat(LIMITS.bodyBytes)],
  ['4 MB of brackets, 4 kB compressed', 'topology', '['.repeat(LIMITS.topologyBytes)],
  ['64 kB of empty lists', 'metrics', `[${'[],'.repeat(21_000)}[]]`]
]

async function main(): Promise<void> {
  const closers: (() => Promise<void> | void)[] = []
  const owner = { after: (close: () => Promise<void>) => closers.push(close) } as never
  const folder = temporaryFolder()
  await fillFolder(owner, folder)
  const begun = performance.now()
  const { url, process: server } = await spawnServer(owner, folder)
  const started = {
    seconds: (performance.now() - begun) / 1000,
    cpu: mainThreadTimeOf(server) / 1000
  }
  await send(`${url}/test/run`, 'POST', '{"started":true}')
  const table = new Table({
    head: ['request', 'answered', 'main thread, ms of CPU: median', 'longest'],
    style: { head: [], border: [] }
  })
  let longest = 0
  const measure = async (what: string, ask: () => Promise<number>) => {
    const statuses = new Set<number>()
    const times: number[] = []
    // The first ones compile the code.
    for (let i = -5; i < requests; i++) {
      const before = mainThreadTimeOf(server)
      statuses.add(await ask())
      if (i >= 0) times.push(mainThreadTimeOf(server) - before)
    }
    times.sort((a, b) => a - b)
    longest = Math.max(longest, times.at(-1)!)
    table.push([what, [...statuses].join(), median(times).toFixed(1), times.at(-1)!.toFixed(1)])
  }
  await measure(`a page of ${Math.min(tests, LIMITS.listedTests)} of ${tests} tests`, () =>
    send(`${url}/test`, 'GET')
  )
  for (const [what, path, body] of BODIES) {
    const [method, bytes] = [path === 'metrics' ? 'POST' : 'PUT', gzipSync(body)]
    await measure(what, () => send(`${url}/test/run/${path}`, method, bytes))
  }
  for (const close of closers) await close()
  console.log(table.toString())
  console.log(
    `Start with ${tests} finished tests: ${started.seconds.toFixed(1)} s, ${started.cpu.toFixed(1)} s of CPU.`
  )
  console.log(`Longest: ${longest.toFixed(0)} ms; at most ${MOST_MS} are allowed.`)
  process.exitCode = longest <= MOST_MS ? 0 : 1
}

/** Copies the document of one finished test, under other ids. */
async function fillFolder(owner: never, folder: string): Promise<void> {
  const { url, process: server, ended } = await spawnServer(owner, folder)
  await send(`${url}/test/t`, 'POST', '{"started":true}')
  await send(`${url}/test/t/metrics`, 'POST', JSON.stringify(batch.slice(0, 2)))
  for (let runner = 0; runner < RUNNERS; runner++)
    await send(`${url}/test/t/runner/r${runner}/metrics`, 'PUT', JSON.stringify(sampleRunner(0)))
  await send(`${url}/test/t/finish`, 'PUT')
  server.kill('SIGKILL')
  await ended
  const document = readFileSync(join(folder, 't.json'), 'utf8')
  for (let i = 1; i < tests; i++)
    writeFileSync(join(folder, `t${i}.json`), document.replace('{"id":"t"', `{"id":"t${i}"`))
}

async function send(url: string, method: string, body?: Uint8Array<ArrayBuffer> | string): Promise<number> {
  const response = await fetch(url, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(typeof body === 'object' && { 'Content-Encoding': 'gzip' })
    },
    ...(body !== undefined && { body })
  })
  await response.arrayBuffer()
  return response.status
}

/** ms of CPU time of the thread that runs the event loop (proc_pid_schedstat, Linux). */
function mainThreadTimeOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid!}/task/${pid!}/schedstat`, 'utf8').split(' ')[0]) / 1e6
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
