/** Finds the commit or the published version that changed a metric. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { formatMetric } from '../analysis/format'
import { table, wrapWords } from '../analysis/text'
import { bisect, type Found } from '../orchestration/bisection'
import { BrowserProbe } from '../orchestration/browser-probe'
import { checkFlags, commonOptions, settingOf, type CampaignFlags } from '../orchestration/comparison-flags'
import { COUNTED_PRIMARY } from '../orchestration/simulated-bench'
import { VirtualProbe } from '../orchestration/virtual-probe'
import { replaceFile } from '../orchestration/whole-file'
import { JSON_FLAG, type Outcome } from '../cli/command'
import { metric } from '../cli/flags'
import { addOptions } from '../cli/add-options'
import { resultsFolder, writableFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { checked } from './compare'
import { expandAlias } from '../libraries/specification'
import { buildCommit, commitsBetween, prefixOf } from '../libraries/commits'
import { expandBuilds } from '../libraries/range'
import { optionsAt } from '../cli/surface'
import { ENGINES, type Engine } from '../protocol/names'
import type { Summary } from '../protocol/summary'

interface Flags extends Omit<CampaignFlags, 'engine' | 'metric'> {
  good: string
  bad: string
  metric: string
  repo: string
  run?: string
  engine?: Engine
}

export const program = new Command('npx peer-perf bisect')
  .description(
    'Finds the first commit of your library, or the first published version, in which a metric changed.\n' +
      'To resume, run the same command again: finished steps are kept.\n' +
      'Exit code 0: found. 1: it failed, or was stopped. 4: undecided between several.'
  )
  .optionsGroup('What:')
  .requiredOption('--good <revision>', 'a commit or tag, or name@1.2.3, without the change')
  .requiredOption('--bad <revision>', 'a later one with it')
  .option('--metric <path>', 'the metric that changed (docs/metrics.md)', metric, COUNTED_PRIMARY)
  .option('--repo <folder>', "the library's git repository", '.')
  .option('--run <command>', "builds a commit, e.g. 'npm ci && npm run build'")
  .optionsGroup('Conditions:')
  .addOption(
    new Option(
      '--engine <engine>',
      "where to measure (default: in virtual time, and in browsers, with compare's defaults, if the ends do not differ there)"
    ).choices(ENGINES)
  )
addOptions(program, 'campaign', { peers: 8, duration: 6, warmup: 1 })
program
  .option('--allow-unknown-options', 'pass options that a build does not declare')
  .optionsGroup('Output:')
  .option(...JSON_FLAG)
  .addHelpText(
    'after',
    "\nExample:\n  npx peer-perf bisect --repo ../my-peer --good v0.2.12 --bad HEAD --run 'npm ci && npm run build'\n\nMore: docs/ci.md"
  )

interface Step {
  /** Unique, and short enough for a file's name. */
  key: string
  name: string
  build: () => Promise<string>
}

type Probe = Pick<BrowserProbe, 'differ' | 'ask'>

export async function run(signal: AbortSignal): Promise<Outcome> {
  const flags = program.opts<Flags>()
  if (flags.engine === 'browser') checked(['--engine', 'browser', ...givenArgs(flags)])
  else checkFlags({ ...flags, engine: 'simulation' }, [])
  const steps = await stepsOf(flags, signal)
  if (steps.length < 2) throw new UserError('There is nothing between --good and --bad')
  const memory = await remember(flags, steps)
  const virtual = new VirtualProbe({
    metric: flags.metric,
    common: commonOptions(flags),
    setting: settingOf({ ...flags, engine: 'simulation' }),
    seed: flags.seed ?? memory.seed,
    questions: Math.ceil(Math.log2(steps.length)) + 1,
    allowUnknownOptions: flags.allowUnknownOptions,
    signal,
    tell
  })
  const probes: Readonly<Record<Engine, Probe>> = {
    simulation: virtual,
    browser: new BrowserProbe({ id: memory.id, metric: flags.metric, args: givenArgs(flags), signal })
  }
  try {
    const engine = await firstThatDiffers()
    const most = Math.ceil(Math.log2(steps.length - 1))
    console.log(`${steps.length - 2} in between, at most ${most} steps if each is clear`)
    const found = await bisect(steps.length, (index) =>
      answerOf(steps[index]!, probes[engine], memory, signal)
    )
    return await conclude(found, engine)
  } finally {
    virtual.close()
  }

  async function firstThatDiffers(): Promise<Engine> {
    const { engine, metric: path } = flags
    const [good, bad] = [await steps[0]!.build(), await steps.at(-1)!.build()]
    for (const each of engine ? [engine] : (['simulation', 'browser'] as const)) {
      const where = each === 'simulation' ? 'virtual time' : 'browsers'
      const difference = await probes[each].differ(good, bad)
      console.log(`The ends in ${where}: ${path} ${difference ?? 'does not differ'}`)
      if (difference !== null) return each
    }
    throw new UserError(
      `${path} is not shown to differ between ${steps[0]!.name} and ${steps.at(-1)!.name}: choose another --metric, or other ends`
    )
  }

  async function conclude(found: Found, engine: Engine): Promise<Outcome> {
    const [good, bad] = [steps[found.good]!, steps[found.bad]!]
    const unclear = found.unclear.map((index) => steps[index]!.name)
    const names = [...unclear, bad.name]
    console.log(
      unclear.length === 0
        ? `\nFirst bad: ${bad.name}`
        : `\nUndecided: the first bad one is among these ${names.length}, oldest first:\n  ${names.join('\n  ')}`
    )
    try {
      const [before, after] = [await good.build(), await bad.build()]
      const table = countsTable(await virtual.summaryOf(before), await virtual.summaryOf(after))
      console.log(`\n${table}\n${wrapWords(`One seed in virtual time; before: ${good.name}`, '')}`)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      console.log(`Packets are not counted: ${error.message}`)
    }
    const document = { metric: flags.metric, engine, good: good.name, bad: bad.name, unclear }
    return { exitCode: unclear.length === 0 ? 0 : 4, document }
  }
}

const tell = (line: string) => console.log(`  ${line}`)

async function stepsOf({ good, bad, repo, run: command }: Flags, signal: AbortSignal): Promise<Step[]> {
  const [from, to] = [good, bad].map((end) => /^(?!refs\/)(.+)@(\d+\.\d+\.\d\S*)$/.exec(expandAlias(end)))
  if (from && to) {
    if (from[1] !== to[1]) throw new UserError(`--good ${good} and --bad ${bad} are not of one package`)
    if (command !== undefined || repo !== '.')
      throw new UserError('--run and --repo are for commits, or tags as refs/tags/name@1.2.3: leave them out')
    const builds = await expandBuilds(`${from[1]!}@${from[2]!}..${to[2]!}`)
    return builds.map((build) => ({ key: build, name: build, build: () => Promise.resolve(build) }))
  }
  const commits = await commitsBetween(repo, good, bad)
  return commits.map((commit) => ({
    key: commit.hash.slice(0, 12),
    name: `${commit.hash.slice(0, 9)} ${commit.subject}`,
    build: async () => `file:${await buildCommit(repo, commit, command, tell, signal)}`
  }))
}

export async function answerOf(step: Step, probe: Probe, memory: Memory, signal: AbortSignal) {
  const { key, name, build } = step
  let told = memory.told[key]
  if (!told) {
    try {
      told = memory.told[key] = await probe.ask(await build(), key)
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError)) throw error
      // Not kept: when resumed, it may succeed.
      told = { answer: 'unclear', why: error.message }
    }
    await memory.save()
  }
  console.log(`${name}: ${told.answer} (${told.why})`)
  return told.answer
}

/** What one seed sent, by kind. */
function countsTable(before: Summary, after: Summary): string {
  const row = (name: string, countOf: (summary: Summary) => number | null) => [
    name,
    ...[before, after].map((summary) => formatMetric(countOf(summary), 'count'))
  ]
  return table(
    ['packets', 'before', 'after'],
    [
      row('received', ({ wire }) => wire.packetsReceived),
      ...(['position', 'profile', 'chat'] as const).map((kind) =>
        row(`${kind}: arrivals`, ({ received, duplicates }) => received[kind] + duplicates[kind])
      ),
      ...(['relayed', 'relevant', 'duplicate', 'expired'] as const).map((kind) =>
        row(`library: ${kind}`, ({ library, peers }) =>
          library[kind] === null ? null : Math.round(library[kind] * peers.peerSeconds)
        )
      )
    ]
  )
}

type Memory = Awaited<ReturnType<typeof remember>>

const toldSchema = z.record(
  z.string(),
  z.object({ answer: z.enum(['good', 'bad', 'unclear']), why: z.string() })
)

/** What the steps so far have told, in a file: the same question finds the same answers. */
export async function remember(flags: Flags, steps: readonly Step[]) {
  // The keys name the commits, but not the package of a repository that has several.
  const repo = await prefixOf(flags.repo).catch(() => '')
  const question = [steps.map(({ key }) => key), { ...flags, good: '', bad: '', repo, json: undefined }]
  const digest = createHash('sha256').update(JSON.stringify(question)).digest()
  const id = `bisect-${digest.toString('hex').slice(0, 8)}`
  const file = join(writableFolder(join(resultsFolder(), 'bisections')), `${id}.json`)
  const told = await readFile(file, 'utf8')
    .catch(() => '{}')
    .then((text) => toldSchema.parse(JSON.parse(text)))
    .catch((): z.infer<typeof toldSchema> => {
      // Without it, only time is lost.
      console.log(`${file} is damaged: all steps are asked again`)
      return {}
    })
  const save = () => replaceFile(file, JSON.stringify(told, undefined, 1))
  return { id, seed: digest.readUInt32BE(), told, save }
}

/** The conditions given now, as flags for `peer-perf compare`. */
function givenArgs({ allowUnknownOptions }: Flags): string[] {
  const values = program.opts<Record<string, unknown>>()
  const given = optionsAt('campaign').flatMap(({ name, kind }) => {
    const key = program.options.find(({ long }) => long === `--${name}`)!.attributeName()
    return program.getOptionValueSource(key) === 'cli' ? [`--${name}`, kind.format(values[key])] : []
  })
  return allowUnknownOptions ? [...given, '--allow-unknown-options'] : given
}
