/**
 * `npm run bench:spread -- --help`: how much runs of one build vary, and how similar their meshes are: with a
 * different seed each, with the same seed, and with the same seed in a full mesh. The three take turns, so
 * that disturbances of the machine affect all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { meshLikeness } from '../analysis/comparison/meshes'
import { comparedMetric, DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../analysis/comparison/metric-choice'
import { isUsable, type UsableRun } from '../analysis/comparison/run'
import { formatSize } from '../analysis/comparison/sentences'
import { runToRunSpread } from '../analysis/comparison/spread'
import { significant, UNKNOWN } from '../analysis/format'
import { valueAt } from '../analysis/metrics-catalog'
import { balancedOrder } from '../analysis/statistics'
import { table } from '../analysis/text'
import { openBench } from '../campaign/bench'
import { whole } from '../cli/flags'
import { runCommand } from '../cli/command'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { createProgress } from '../cli/progress'

interface Flags {
  library: string
  peers: number
  duration: number
  rounds: number
}

const ONE_SEED = 1
/** The conditions that take turns. */
const ARMS = [
  { name: 'a seed each', mesh: '', seedOf: (round: number) => 1000 + round },
  { name: 'one seed', mesh: '', seedOf: () => ONE_SEED },
  { name: 'one seed, full mesh', mesh: '?mesh=full', seedOf: () => ONE_SEED }
]

const program = new Command('npm run bench:spread --')
  .description('Measures the spread from run to run: with and without a common seed, and in a full mesh.')
  .option('--library <build>', 'as npm run compare takes it, without options', 'layers')
  .addOption(new Option('--peers <number>', 'simulated peers').argParser(whole(2, 100)).default(8))
  .addOption(new Option('--duration <seconds>', 'of each run').argParser(whole(6, 600)).default(20))
  .addOption(new Option('--rounds <number>', 'runs of each kind').argParser(whole(2, 100)).default(8))

runCommand(async (signal) => {
  const { library, peers, duration, rounds } = refuseSwallowedFlags(program).parse().opts<Flags>()
  const progress = createProgress()
  const folder = await mkdtemp(join(tmpdir(), 'bench-spread-'))
  const plan = {
    id: 'spread',
    command: 'history' as const,
    madeAt: Date.now(),
    variants: ARMS.map(({ mesh }) => library + mesh),
    common: {},
    blocks: rounds,
    seed: 0,
    setting: { peers, peersPerTab: peers, duration, warmup: 5, routine: 'stand' },
    primary: DEFAULT_PRIMARY,
    secondary: [],
    margin: 0.03
  }
  const runs: UsableRun[] = []
  const bench = await openBench(plan, folder, {}, progress)
  try {
    for (const [round, order] of balancedOrder(ARMS.length, rounds).entries()) {
      for (const variant of order) {
        if (signal.aborted) break
        progress.note(`Round ${round + 1} of ${rounds}: ${ARMS[variant]!.name}`)
        const [execution] = await bench.execute(
          [{ block: round, variant, seed: ARMS[variant]!.seedOf(round), place: 0, slot: 0 }],
          signal
        )
        const run = { ...execution!, block: round, variant, attempt: 1 }
        if (isUsable(run)) runs.push(run)
        else progress.note('This run is void or failed: it is left out')
      }
    }
  } finally {
    await bench.close()
    await rm(folder, { recursive: true, force: true })
  }
  console.log(`\n${report(runs, rounds)}`)
  return 0
})

function report(runs: readonly UsableRun[], rounds: number): string {
  const arms = ARMS.map((_, variant) => runs.filter((run) => run.variant === variant))
  const spreads = [DEFAULT_PRIMARY, ...DEFAULT_SECONDARY].map((path) => [
    path,
    ...arms.map((own) => spread(path, own))
  ])
  const rows = [
    ...spreads,
    ['links in common', ...arms.map((own) => common(own))],
    ['runs', ...arms.map((own) => `${own.length} of ${rounds}`)]
  ]
  return [
    table(['spread (standard deviation)', ...ARMS.map(({ name }) => name)], rows),
    'Links in common: mean over all pairs of runs of links in both meshes ÷ links in either.'
  ].join('\n')
}

function spread(path: string, runs: readonly UsableRun[]): string {
  const values = runs.flatMap(({ summary }) => valueAt(summary, path) ?? [])
  const { entry, ...metric } = comparedMetric(path, 0.03)
  return formatSize({ metric, entry }, runToRunSpread(metric, values))
}

function common(runs: readonly UsableRun[]): string {
  const { sameSeed, otherSeeds } = meshLikeness(runs)
  const likeness = sameSeed ?? otherSeeds
  return likeness === null ? UNKNOWN : `${significant(likeness * 100)} %`
}
