/** The steps of the GitHub Action: see action.yml. */
import { closeSync, existsSync, fstatSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { readJudged, verdictSchema, type Judged } from '../analysis/formats/judged'
import { attempt, currentJob, output, summarise, type Job } from './github/job'
import { annotation, annotationsOf, conclusionOf, markdownOf, measured, type Result } from './github/report'
import { LONGEST_FILE, readUntrusted } from './github/untrusted'
import { id, whole } from '../cli/flags'
import { UserError } from '../cli/user-error'

interface Flags {
  comparison: string
  log?: string
  download?: string
  checkName: string
  check?: number
  comment: boolean
  commentId?: string
  commentAuthor: string
}

const DEFAULT_CHECK = 'peer-perf'

export const program = new Command('npx peer-perf ci')
  .description(
    'The steps of the GitHub Action (docs/ci.md). begin: shows that it runs. report: summary, annotations, check and comment.\n' +
      'fork: check and comment from the artifact of a fork’s job, which is not trusted.\n' +
      'Exit code 0: pass or undecided. 1: not measured, or the check of "begin" or fork was not completed. 2: worse.'
  )
  .addArgument(new Argument('<step>').choices(['begin', 'report', 'fork']))
  .option('--comparison <folder>', 'the folder of the comparison', '.')
  .option('--log <file>', 'what the comparison printed: its last line says why there is no verdict')
  .option('--download <outcome>', 'outcome of the step that downloaded the artifact')
  .option('--check-name <name>', 'name of the check', DEFAULT_CHECK)
  .option('--check <id>', 'the check that "begin" made', whole(1, 2 ** 53 - 1))
  .option('--no-comment', 'no comment on the pull request')
  .option('--comment-id <id>', 'each comparison has its own comment (default: by the check)', id)
  .option('--comment-author <login>', 'the author of the comment to edit', 'github-actions[bot]')

export async function run(): Promise<number> {
  const flags = program.opts<Flags>()
  const job = currentJob()
  const [step] = program.args
  if (step === 'begin') return begin(flags, job)
  if (step === 'report') return report(resultOf(flags), flags, job)
  return fork(flags, job)
}

/** An early check clears the conclusion of an earlier run at once. */
async function begin(flags: Flags, job: Job): Promise<number> {
  const check = await beginCheck(flags, job)
  if (check !== undefined) output('check', String(check))
  return 0
}

async function report(result: Result, flags: Flags, job: Job): Promise<number> {
  const { conclusion, title } = conclusionOf(result)
  for (const line of annotationsOf(result)) console.log(line)
  summarise(markdownOf(result))
  output('conclusion', conclusion)
  output('headline', title)
  output('verdict', 'why' in result ? 'not measured' : result.judged.gate.verdict)
  const isWritten = await endCheck(result, flags, job)
  const { number } = job.event.pull_request ?? {}
  if (number !== undefined) await comment(number, result, flags, job)
  // Of a fork, the token may begin none.
  if (flags.check !== undefined && !isWritten) return notWritten('It stays in progress: run this job again')
  if ('why' in result) return 1
  return result.judged.gate.verdict === 'worse' ? 2 : 0
}

/** Whose pull request it is, GitHub says, never the artifact. */
async function fork(flags: Flags, job: Job): Promise<number> {
  const pushed = job.event.workflow_run
  if (!pushed) throw new UserError('npx peer-perf ci fork runs in a workflow on workflow_run (docs/ci.md)')
  const result = untrustedOf(flags)
  summarise(markdownOf(result))
  const isWritten = await endCheck(result, flags, job)
  const { head_repository: repository, head_branch: branch } = pushed
  const numbers = await attempt('find the pull request', async () => {
    if (!repository) throw new UserError('its fork was deleted')
    return job.github.pullRequestsAt(repository.owner.login, branch, job.sha)
  })
  for (const number of numbers ?? []) await comment(number, result, flags, job)
  return isWritten
    ? 0
    : notWritten('If the notice says 403, add "checks: write" to the workflow’s permissions (docs/ci.md)')
}

function notWritten(advice: string): number {
  console.log(annotation('error', 'the check was not written', advice))
  return 1
}

function untrustedOf({ comparison, download }: Flags): Result {
  if (download === 'failure')
    return {
      why: 'The comparison could not be downloaded: the job of the fork left none, or this workflow lacks "actions: read" (docs/ci.md)'
    }
  const file = join(comparison, 'comparison.json')
  // No link to another file.
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size > LONGEST_FILE) return { why: 'The job of the fork left no comparison' }
  return readUntrusted(readFileSync(file, 'utf8'))
}

/** What the comparison came to, or why it has no verdict. */
export function resultOf({ comparison, log }: Pick<Flags, 'comparison' | 'log'>): Result {
  const file = join(comparison, 'comparison.json')
  const last = lastLineOf(log)
  if (existsSync(file)) {
    let judged: Judged
    try {
      judged = readJudged(readFileSync(file, 'utf8'), verdictSchema)
    } catch (error) {
      return { why: `comparison.json is damaged: ${(error as Error).message}` }
    }
    if (judged.stopped === null) return measured(judged)
    // What failed has a report, too, of the blocks until then.
    return last === '' || /^Stopped with [\d,]+ runs? to go/.test(last)
      ? { why: `It was ${judged.stopped}` }
      : { why: `It ended after ${judged.stopped.replace('stopped, ', '')}: ${last}` }
  }
  if (existsSync(join(comparison, 'weather.json')))
    return {
      why: 'A map of several networks has no single verdict: give the profile "networks": [] (docs/ci.md)'
    }
  return { why: last === '' ? 'The comparison did not begin' : last }
}

/** Bytes: a build may print as much as it likes. */
const END_OF_LOG = 65_536

/** Empty without a log. Not a line of a stack trace, nor the end of an error's fields. */
function lastLineOf(log: string | undefined): string {
  if (log === undefined || !existsSync(log)) return ''
  const file = openSync(log, 'r')
  const end = Buffer.alloc(END_OF_LOG)
  const length = readSync(file, end, 0, END_OF_LOG, Math.max(0, fstatSync(file).size - END_OF_LOG))
  closeSync(file)
  const lines = end.toString('utf8', 0, length).split('\n')
  return lines.findLast((line) => /^[^\s}]/.test(line))?.slice(0, 600) ?? ''
}

const beginCheck = ({ checkName }: Flags, { github, sha, runUrl }: Job) =>
  attempt('create a check', () => github.beginCheck({ name: checkName, head_sha: sha, details_url: runUrl }))

/** Whether it is written. */
async function endCheck(result: Result, flags: Flags, job: Job): Promise<boolean> {
  const check = flags.check ?? (await beginCheck(flags, job))
  if (check === undefined) return false
  const ended = () => job.github.endCheck(check, conclusionOf(result)).then(() => true)
  return (await attempt('complete the check', ended)) ?? false
}

async function comment(number: number, result: Result, flags: Flags, { github, sha, runUrl }: Job) {
  if (!flags.comment) return
  const markdown = `${markdownOf(result)}\nCommit ${sha.slice(0, 9)} · [the job](${runUrl})\n`
  await attempt('comment', async () => {
    if (await github.isNewest(number, sha))
      await github.putComment(number, flags.commentAuthor, markerOf(flags), markdown)
    else console.log(`#${number} has a newer commit: its comment stays`)
  })
}

/** Checks of one commit have names of their own, and so have their comments. */
function markerOf({ checkName, commentId }: Flags): string {
  const ofCheck = checkName === DEFAULT_CHECK ? 'default' : checkName.replace(/[^a-z0-9]+/gi, '-')
  return `<!-- peer-perf:${commentId ?? ofCheck} -->`
}
