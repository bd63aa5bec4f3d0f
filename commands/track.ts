/** Each commit of the library against its parent, kept in one file. */
import { appendFile, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { comparedMetric } from '../analysis/comparison/metric-choice'
import { isMeasured, lineOf, trackedOf, trackedSchema, type Tracked } from '../analysis/comparison/track'
import { table } from '../analysis/text'
import { idOf, notMeasured, runCompare } from '../orchestration/compare-process'
import { COUNTED_PRIMARY } from '../orchestration/simulated-bench'
import { replaceFile } from '../orchestration/whole-file'
import { JSON_FLAG, type Outcome } from '../cli/command'
import { metric } from '../cli/flags'
import { notWritable, resultsFolder, writableFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { attempt } from '../protocol/attempt'
import { buildCommit, commitAt, prefixOf } from '../libraries/commits'
import { trackPage } from '../dashboard/report/track-page'
import { checked } from './compare'

interface Flags {
  repo: string
  commit: string
  run?: string
  file?: string
  metric: string
  drawOnly?: true
}

const CHOSEN_HERE = ['baseline', 'candidate', 'base', 'build', 'from', 'to', 'id', 'resume', 'weather']
const FIX = 'choose another --file'

/** The same seeds for all: those of each commit's own would add chance to the line, which keeps it. */
const USUAL = ['--engine', 'simulation', '--seed', '1']

export const program = new Command('npx peer-perf track')
  .description(
    'Compares a commit of your library with its parent, appends the figures to a file, and draws the line of a metric.\n' +
      'Exit code 0: done, whatever the verdict. 1: it failed, or was stopped.'
  )
  .argument('[flags...]', 'after --: flags of npx peer-perf compare (default: --engine simulation --seed 1)')
  .option('--repo <folder>', "the library's git repository", '.')
  .option('--commit <revision>', 'the commit', 'HEAD')
  .option('--run <command>', "builds a commit, e.g. 'npm ci && npm run build'")
  .option('--file <path>', 'one line of JSON a commit (default: track.jsonl in the results folder)')
  .option('--metric <path>', 'the metric to draw', metric, COUNTED_PRIMARY)
  .option('--draw-only', 'compare nothing')
  .option(...JSON_FLAG)
  .addHelpText(
    'after',
    "\nExample:\n  npx peer-perf track --run 'npm ci && npm run build' --file perf.jsonl\n\nMore: docs/ci.md"
  )

export async function run(signal: AbortSignal): Promise<Outcome> {
  const flags = program.opts<Flags>()
  if (comparedMetric(flags.metric).entry.better === 'neutral')
    throw new UserError(
      `Neither more nor less ${flags.metric} is worse: choose another --metric (docs/metrics.md)`
    )
  const file = resolve(flags.file ?? join(resultsFolder(), 'track.jsonl'))
  if (!flags.drawOnly) {
    writableFolder()
    writableFolder(dirname(file), FIX)
  }
  const known = await readTracked(file, flags)
  // Drawing alone takes no repository.
  const prefix = await prefixOf(flags.repo).catch(() => '')
  const added = flags.drawOnly ? null : await track()
  if (added) {
    // Whoever has corrected it may not have ended the last line.
    const text = await readFile(file, 'utf8').catch(() => '')
    const end = text === '' || text.endsWith('\n') ? '' : '\n'
    await appendFile(file, `${end}${JSON.stringify(added)}\n`).catch((error: unknown) => {
      throw notWritable(dirname(file), error as Error, FIX)
    })
    known.push(added)
  }
  const ofPackage = known.filter((each) => each.package === prefix)
  const points = lineOf(ofPackage, flags.metric)
  if (points.length === 0)
    console.error(
      `No comparison of ${prefix || 'the root'} in ${file} judges ${flags.metric}: name it in their --gate, or choose another --repo`
    )
  const rows = points.map(({ name, value, change, moved }) => [name, value, change, moved])
  console.log(`\n${table([flags.metric, 'value', 'against its parent', 'moved'], rows)}`)
  const page = `${file.replace(/\.jsonl$/, '')}-${flags.metric}.html`
  await replaceFile(page, trackPage(flags.metric, points), FIX)
  console.log(`Data: ${file}\nReport: ${page}`)
  return { exitCode: 0, document: { added, points } }

  /** Null if the commit is known. */
  async function track(): Promise<Tracked | null> {
    const { repo, run: command } = flags
    const commit = await commitAt(repo, flags.commit)
    if (commit.parent === null)
      throw new UserError(`${flags.commit} has no parent here: fetch its history, or choose another --commit`)
    const args = program.args.length > 0 ? program.args : USUAL
    const own = checked(args).find((option) => CHOSEN_HERE.includes(option.attributeName()))
    if (own) throw new UserError(`${own.long!} is not for track: leave it out`)
    const id = idOf(`track-${commit.hash.slice(0, 9)}`, [commit.hash + prefix, command, args])
    if (known.some(({ comparison }) => comparison === id)) return null
    const parent = await commitAt(repo, commit.parent)
    // One after the other: git can fail to check out two at once. The parent's is cached, as a rule.
    const buildOf = async (each: typeof commit) =>
      `file:${await buildCommit(repo, each, command, console.log, signal)}`
    const baseline = await buildOf(parent)
    const candidate = await buildOf(commit)
    const finished = await runCompare(id, ['--baseline', baseline, '--candidate', candidate, ...args], signal)
    const { hash, subject, committedAt } = commit
    const facts = { commit: hash, parent: parent.hash, subject, package: prefix, committedAt }
    const tracked = trackedOf({ ...facts, madeAt: finished.madeAt, comparison: id }, finished.gate)
    if (!isMeasured(tracked)) throw notMeasured(hash.slice(0, 9), id, finished)
    return tracked
  }
}

/** The first commit makes the file. */
async function readTracked(file: string, { drawOnly }: Flags): Promise<Tracked[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !drawOnly) return ''
    throw new UserError(`Can't read ${file} (${message}): choose another --file`)
  })
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return []
    const tracked = attempt(() => trackedSchema.parse(JSON.parse(line)))
    if (tracked) return tracked
    throw new UserError(`${file}:${index + 1} was not written by peer-perf track: correct or remove it`)
  })
}
