/** Estimates what a large test needs before anyone pays for it (docs/scale.md). */
import Table from 'cli-table3'
import { Command, Option } from 'commander'
import { formatMetric, significant } from '../analysis/format'
import { LIMITS } from '../protocol/limits'
import { flagOf, listOf, number, whole } from '../options/flags'
import { kebab } from '../options/surface'
import { OPTIONS } from '../options/table'
import { estimate, type Estimate, type TestPlan } from '../scale/estimate'
import { CAPACITY } from '../scale/measured'

interface Flags extends Omit<TestPlan, 'peers'> {
  peers: number[]
}

export const program = new Command('npx peer-perf scale')
  .description(
    'How many containers, and how much CPU, network, disk and InfluxDB a test of many peers needs.'
  )
  .option(
    '--peers <numbers>',
    'peers in all; several by commas',
    listOf(whole(2, 1_000_000)),
    [100, 1_000, 10_000]
  )
  .option(
    '--group <number>',
    'peers in one layer or island, at most 100',
    whole(2, CAPACITY.peersPerGroup),
    CAPACITY.peersPerGroup
  )
  .addOption(choice('messageTypes'))
  .addOption(choice('mesh'))
  .option(
    '--container-cores <number>',
    'cores of each container, or of each machine',
    whole(1, 1000),
    CAPACITY.containerCores
  )
  .option('--duration <seconds>', 'how long the test runs', number(1, LIMITS.durationSeconds), 180)
  .option('--interval <seconds>', 'between the data points of a peer', number(0.1, 600), 2)

export function run(): Promise<number> {
  const { peers, ...plan } = program.opts<Flags>()
  const estimates = peers.map((count) => ({ peers: count, ...estimate({ ...plan, peers: count }) }))
  console.log(
    `Groups of at most ${plan.group} peers, ${plan.messageTypes} messages, ` +
      `${plan.mesh === 'full' ? 'full mesh' : 'the library’s own mesh'}, ${plan.duration} s. ` +
      `Containers or machines of ${plan.containerCores!} cores.\n`
  )
  console.log(tableOf(estimates))
  for (const each of estimates) {
    console.log(`${significant(each.peers)} peers: ${firstLimit(each)}`)
    if (each.containers === undefined) console.log(`  What fits: ${whatFits({ ...plan, peers: each.peers })}`)
  }
  return Promise.resolve(0)
}

/** A flag from the options table. */
function choice(key: 'messageTypes' | 'mesh'): Option {
  const { kind, help, default: fallback } = OPTIONS[key]
  return new Option(`--${kebab(key)} <${kind.placeholder}>`, help)
    .argParser<string>(flagOf<string>(kind))
    .default(fallback)
}

function tableOf(estimates: (Estimate & { peers: number })[]): string {
  const table = new Table({
    head: ['', ...estimates.map(({ peers }) => `${significant(peers)} peers`)],
    colAligns: ['left', ...estimates.map(() => 'right' as const)],
    style: { head: [], border: [] }
  })
  for (const [name, value] of ROWS) table.push([name, ...estimates.map(value)])
  return table.toString()
}

/** The ways to make each peer's load fit a thread, with the containers that each takes. */
function whatFits(plan: TestPlan): string {
  const ways: [string, Partial<TestPlan>][] = [
    ['--mesh full', { mesh: 'full' }],
    ['--group 20 --message-types deduplicated', { group: 20, messageTypes: 'deduplicated' }],
    ['--group 10', { group: 10 }]
  ]
  return ways
    .flatMap(([flags, change]) => {
      const { containers } = estimate({ ...plan, ...change })
      return containers === undefined ? [] : [`${flags} (${significant(containers)} containers)`]
    })
    .join(', or ')
}

const orNone = (value: number | undefined, unit: 'count' | 'bytes') =>
  value === undefined ? 'none fits' : formatMetric(value, unit)

const ROWS: [string, (estimate: Estimate) => string][] = [
  [
    'packets per delivered message',
    ({ cost }) => `${cost.isLeast ? '> ' : ''}${significant(cost.packetsPerMessage)}`
  ],
  ['packets per second per peer', ({ packets }) => significant(packets)],
  ['network per peer, each way', ({ bytes }) => formatMetric(bytes, 'bytes/s')],
  ['cores per peer', ({ cores }) => significant(cores)],
  ['peers per container', ({ peersPerContainer }) => orNone(peersPerContainer, 'count')],
  ['containers', ({ containers }) => orNone(containers, 'count')],
  ['memory per container', ({ memoryPerContainer }) => orNone(memoryPerContainer, 'bytes')],
  ['cores busy in all', ({ totalCores }) => significant(totalCores)],
  ['data points per second', ({ dataPointsPerSecond }) => significant(dataPointsPerSecond)],
  ['InfluxDB fields per second', ({ influxFieldsPerSecond }) => significant(influxFieldsPerSecond)],
  ['disk of the results server', ({ diskBytes }) => formatMetric(diskBytes, 'bytes')]
]

function firstLimit({ limits: [first] }: Estimate): string {
  const { name, needs, takes, unit, advice } = first!
  const which = needs > takes ? 'the first limit exceeded is' : 'the nearest limit is that of'
  return `${which} ${name}, ${significant(needs)} of ${significant(takes)} ${unit}: ${advice}`
}
