/**
 * `npm run bench:growth`: how packets per message grow with the size of a group, with the real library in
 * virtual time. With --write, updates the data that docs/scale.md shows and `npm run scale` uses.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { table } from '../analysis/text'
import { runCommand } from '../cli/command'
import { listOf, whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import type { Growth, MessageCost, Spreading } from '../scale/message-cost'
import { GROWTH } from '../scale/growth-data'
import { planOf } from '../simulation/plan'
import { simulateAll } from '../simulation/pool'
import { prepare, type Prepared } from '../simulation/prepare'
import { growthChart } from './growth-chart'

interface Flags {
  peers?: number[]
  spreading: Spreading
  runs: number
  threads: number
  duration: number
  write?: true
}

/** In larger groups, faithful messages cost too many packets to simulate. */
const SIZES: Record<Spreading, number[]> = {
  faithful: [4, 8, 10, 12, 14, 16, 18, 20, 22],
  deduplicated: [4, 8, 12, 16, 20, 30, 50, 70, 100],
  full: [4, 8, 16, 30, 50, 100]
}
const WARMUP = 1
const ROOT = join(__dirname, '..')
const DATA = join(ROOT, 'scale/growth-data.ts')
const CHART = join(ROOT, 'docs/images/growth.svg')

runCommand(async (signal) => {
  const flags = refuseSwallowedFlags(
    new Command('npm run bench:growth --')
      .description('Counts the packets received for each message that arrives, over the peers of one layer.')
      .option('--peers <numbers>', 'sizes of the group, separated by commas', listOf(whole(2, 100)))
      .addOption(
        new Option(
          '--spreading <kind>',
          'how messages spread: faithful or deduplicated in the usual mesh, or a full mesh'
        )
          .choices(Object.keys(SIZES))
          .default('deduplicated')
      )
      .option('--runs <number>', 'seeds for each size', whole(1, 100), 2)
      .option('--threads <number>', 'simulations at a time', whole(1, 256), 1)
      .option(
        '--duration <seconds>',
        `virtual seconds, of which ${WARMUP} is not measured`,
        whole(2, 3600),
        3
      )
      .option('--write', 'renew scale/growth-data.ts and docs/images/growth.svg')
  )
    .parse()
    .opts<Flags>()
  const prepared = await prepare('layers', () => undefined)
  const costs: MessageCost[] = []
  for (const peers of flags.peers ?? SIZES[flags.spreading]) {
    costs.push(await costOf(peers, flags, prepared, signal))
    console.log(textOf(costs.at(-1)!).join(' | '))
    if (flags.write) await renew(flags.spreading, costs)
  }
  console.log(`\n${table(['peers', 'packets/message', 'bytes/packet'], costs.map(textOf))}`)
  return 0
})

async function costOf(
  peers: number,
  { spreading, runs, threads, duration }: Flags,
  { builds, lighthouse }: Prepared,
  signal: AbortSignal
): Promise<MessageCost> {
  const jobs = Array.from({ length: runs }, (_, run) => ({
    lighthouse,
    plan: planOf({
      peers,
      seed: 1000 * peers + run,
      builds,
      duration,
      warmup: WARMUP,
      messageTypes: spreading === 'full' ? 'deduplicated' : spreading,
      mesh: spreading === 'full' ? 'full' : 'usual'
    })
  }))
  const outcomes = await simulateAll(jobs, { signal, threads })
  const failure = outcomes.flatMap(({ failures }) => failures)[0]
  if (failure) throw new Error(`${peers} peers: ${failure}`)
  const wires = outcomes.map(({ document }) => document.summary!.wire)
  return {
    peers,
    packetsPerMessage: mean(wires.map(({ packetsPerMessage }) => packetsPerMessage!)),
    bytesPerPacket: mean(wires.map(({ bytesReceived, packetsReceived }) => bytesReceived / packetsReceived))
  }
}

/** Keeps the sizes that were not counted again. */
async function renew(spreading: Spreading, costs: readonly MessageCost[]): Promise<void> {
  const others = GROWTH[spreading].filter(({ peers }) => !costs.some((cost) => cost.peers === peers))
  const growth = { ...GROWTH, [spreading]: [...others, ...costs].sort((a, b) => a.peers - b.peers) }
  await writeFile(DATA, codeOf(growth))
  await writeFile(CHART, growthChart(growth))
}

function codeOf(growth: Growth): string {
  const series = Object.entries(growth).map(
    ([spreading, costs]) =>
      `  ${spreading}: [\n${costs.map((cost) => `    ${textOfCost(cost)}`).join(',\n')}\n  ]`
  )
  return (
    '/** Made by `npm run bench:growth -- --write`: layers 0.2.20, routine `stand`. */\n' +
    "import type { Growth } from './message-cost'\n\n" +
    `export const GROWTH: Growth = {\n${series.join(',\n')}\n}\n`
  )
}

function textOfCost({ peers, packetsPerMessage, bytesPerPacket }: MessageCost): string {
  return `{ peers: ${peers}, packetsPerMessage: ${packetsPerMessage}, bytesPerPacket: ${bytesPerPacket} }`
}

function mean(values: readonly number[]): number {
  return Number((values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(4))
}

function textOf({ peers, packetsPerMessage, bytesPerPacket }: MessageCost): string[] {
  return [String(peers), packetsPerMessage.toFixed(2), bytesPerPacket.toFixed(0)]
}
