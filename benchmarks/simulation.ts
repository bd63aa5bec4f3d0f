/**
 * `peer-perf bench simulation`: how fast the simulation is, and where its time goes. Each case runs in a
 * separate process. Its CPU time counts, over all threads including garbage collection and compilation, so
 * other work on the machine has little effect.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { listOf, whole } from '../options/flags'
import { refuseSwallowedFlags } from '../options/npm-dashes'
import { table } from '../analysis/text'
import type { MessageTypes } from '../protocol/names'
import type { CaseResult } from './simulation-case'
import { fail } from './fail'

interface Case {
  peers: number
  messageTypes: MessageTypes
}

const CASES: readonly Case[] = [
  { peers: 10, messageTypes: 'faithful' },
  { peers: 20, messageTypes: 'deduplicated' },
  { peers: 50, messageTypes: 'deduplicated' },
  { peers: 100, messageTypes: 'deduplicated' }
]
const MOST_BYTES = 2 ** 26

async function main(): Promise<void> {
  const { peers, seconds } = refuseSwallowedFlags(
    new Command('npx peer-perf bench simulation')
      .description('CPU time, memory and packets of simulated tests, and where the time goes.')
      .addOption(
        new Option('--peers <numbers>', 'cases to run, by commas')
          .argParser(listOf(caseOf))
          .default(CASES, 'all')
      )
      .option('--seconds <number>', 'virtual seconds of each case', whole(1, 3600), 30)
  )
    .parse()
    .opts<{ peers: Case[]; seconds: number }>()
  const rows: string[][] = []
  for (const each of peers) {
    const result = await measure(each, seconds)
    rows.push(rowOf(each, seconds, result))
    console.log(
      `${each.peers} peers: ${result.places.map(({ place, share }) => `${place} ${percent(share)}`).join(', ')}`
    )
  }
  const head = [
    'peers',
    'messages',
    'virtual s',
    'CPU s',
    'virtual s per CPU s',
    'packets',
    'µs a packet',
    'memory'
  ]
  console.log(`\n${table(head, rows)}`)
}

function caseOf(text: string): Case {
  const found = CASES.find(({ peers }) => String(peers) === text)
  if (!found)
    throw new InvalidArgumentError(`It must be among ${CASES.map(({ peers }) => peers).join(', ')}.`)
  return found
}

async function measure({ peers, messageTypes }: Case, seconds: number): Promise<CaseResult> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--require',
      'tsx/cjs',
      require.resolve('./simulation-case'),
      String(peers),
      String(seconds),
      messageTypes
    ],
    { maxBuffer: MOST_BYTES, env: { ...process.env, NODE_OPTIONS: '' } }
  )
  return JSON.parse(stdout) as CaseResult
}

function rowOf({ peers, messageTypes }: Case, seconds: number, result: CaseResult): string[] {
  const { cpuSeconds, packets, memory } = result
  return [
    String(peers),
    messageTypes,
    String(seconds),
    cpuSeconds.toFixed(1),
    (seconds / cpuSeconds).toPrecision(3),
    packets.toLocaleString('en'),
    ((1e6 * cpuSeconds) / packets).toFixed(1),
    `${(memory / 1e6).toFixed(0)} MB`
  ]
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`

main().catch(fail)
