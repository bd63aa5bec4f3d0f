/**
 * `npm run bench:answers`: how quickly the results server answers `/time` while callers send the largest
 * bodies that it accepts and the most expensive ones that it rejects. Peers estimate the server's clock from
 * that call. Exit code 1 above 500 ms.
 */
import Table from 'cli-table3'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { LIMITS } from '../protocol/limits'
import { samplePoint, sampleResults } from '../server/testing/sample-data'
import { spawnServer } from '../server/testing/test-server'
import { temporaryFolder } from '../server/testing/temporary-folder'

const MOST_MS = 500

const { seconds, callers } = refuseSwallowedFlags(
  new Command('answers')
    .description('Measures how soon the results server answers while it is sent the heaviest bodies.')
    .option('--seconds <number>', 'length of each case', whole(1, 600), 5)
    .option('--callers <number>', 'how many send at once', whole(1, 100), 8)
)
  .parse()
  .opts<{ seconds: number; callers: number }>()

const ids = (count: number) => Array.from({ length: count }, (_, i) => `peer-${i}-`.padEnd(42, 'x'))
const heard = (count: number) => Object.fromEntries(ids(count).map((id) => [id, [1, 2, 3, 4, 5, 6]]))
const results = sampleResults(1, 1e12, 2e12)
const mesh = (peers: number, links: number) => ({
  at: 1,
  source: 'peers',
  nodes: ids(peers).map((id) => ({ id, connectedPeers: ids(links) }))
})
const batch = Array.from({ length: 450 }, (_, sequence) => samplePoint('p', sequence))
const topology = JSON.stringify(mesh(200, 199))

/** Each body uses its whole limit, or violates it, in the most expensive way. */
const CASES: [what: string, path: string, body: string][] = [
  ['nothing', '', ''],
  ['topologies, full mesh of 200', 'topology', topology],
  ['the same, wrong at the end', 'topology', topology.replace(/\]\}\]\}$/, '],"position":1}]}')],
  ['final results, 2,800 senders', 'peer/p/results', JSON.stringify({ ...results, heard: heard(2_800) })],
  [
    'the same, wrong at the end',
    'peer/p/results',
    JSON.stringify({ ...results, heard: { ...heard(2_800), z: 1 } })
  ],
  ['final results of 4 MB', 'peer/p/results', JSON.stringify({ ...results, routine: 'x'.repeat(4_000_000) })],
  ['batches of 450 full points', 'metrics', JSON.stringify(batch)],
  [
    '1 MB of names',
    'metrics',
    `[{${ids(20_000)
      .map((id) => `"${id}":1`)
      .join()}}]`
  ],
  ['1 MB of brackets', 'metrics', '['.repeat(LIMITS.bodyBytes)]
]

async function main(): Promise<void> {
  const closers: (() => Promise<void> | void)[] = []
  const owner = { after: (close: () => Promise<void>) => closers.push(close) }
  const { url } = await spawnServer(owner as never, temporaryFolder())
  await fetch(`${url}/test/run`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"started":true}'
  })
  const table = new Table({
    head: ['sent by ' + String(callers), 'answered', '/time p50 ms', 'p99 ms', 'longest ms'],
    style: { head: [], border: [] }
  })
  let longest = 0
  for (const [what, path, body] of CASES) {
    console.log(`${what} …`)
    const { times, statuses } = await measure(url, path, body)
    longest = Math.max(longest, times.at(-1)!)
    const at = (share: number) =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1)
    table.push([what, [...statuses].join(), at(0.5), at(0.99), at(1)])
  }
  for (const close of closers) await close()
  console.log(table.toString())
  console.log(`Longest answer: ${longest.toFixed(0)} ms; at most ${MOST_MS} are allowed.`)
  process.exitCode = longest <= MOST_MS ? 0 : 1
}

async function measure(url: string, path: string, body: string) {
  const until = performance.now() + seconds * 1000
  const statuses = new Set<string>()
  const times: number[] = []
  const send = async () => {
    while (body !== '' && performance.now() < until) {
      const response = await fetch(`${url}/test/run/${path}`, {
        method: path === 'metrics' ? 'POST' : 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body
      })
      await response.text()
      statuses.add(String(response.status))
    }
  }
  const ask = async () => {
    while (performance.now() < until) {
      const begun = performance.now()
      await (await fetch(`${url}/time`)).text()
      times.push(performance.now() - begun)
      await sleep(10)
    }
  }
  await Promise.all([ask(), ...Array.from({ length: callers }, send)])
  return { times: times.sort((a, b) => a - b), statuses }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
