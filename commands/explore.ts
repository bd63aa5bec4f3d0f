/** Searches for conditions that break a build. */
import { Command } from 'commander'
import { whole } from '../cli/flags'
import { JSON_FLAG, type Outcome } from '../cli/command'
import { createProgress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { parseBuilds } from '../libraries/shares'
import { explore } from '../simulation/explore/explore'
import { formatViolation, INVARIANTS, MOST_LOST } from '../simulation/explore/invariants'
import { commandOf, drawTrial } from '../simulation/explore/trial'
import { prepare } from '../simulation/prepare'

interface Flags {
  library: string
  baseline?: string
  runs: number
  peers: number
  from: number
  shrink: number
}

export const program = new Command('npx peer-perf explore')
  .description(
    'Simulates random mesh sizes, networks, churn and faults, and checks that every mesh still works (docs/simulation.md#exploring).\n' +
      'Exit code 0: nothing found. 1: it failed, or some trials say nothing. 2: something is broken; each finding is one command that repeats it.'
  )
  .option('--library <build>', 'build of the peer library, as simulate takes it', 'layers')
  .option(
    '--baseline <build>',
    'build that runs the same trials; what it breaks nearly as badly is not reported'
  )
  .option('--runs <number>', 'trials', whole(1, 1_000_000), 100)
  .option('--peers <number>', 'largest mesh', whole(2, 100), 40)
  .option('--from <number>', 'number of the first trial: other numbers, other trials', whole(0, 1e9), 0)
  .option('--shrink <number>', 'simulations to spend on making each finding smaller', whole(0, 1000), 20)
  .option(...JSON_FLAG)

export async function run(signal: AbortSignal): Promise<Outcome> {
  const { library, baseline, from, peers, runs, shrink } = program.opts<Flags>()
  if (baseline !== undefined) parseBuilds(baseline)
  const progress = createProgress()
  const prepared = (text: string) => prepare(text, (line) => progress.note(line))
  const candidate = await prepared(library)
  const other = baseline === undefined ? undefined : await prepared(baseline)
  const trials = Array.from({ length: runs }, (_, index) => drawTrial(from + index, peers))
  let done = 0
  const { findings, messages, failed, refused } = await progress.step('Exploring', (update) =>
    explore(trials, candidate, {
      baseline: other,
      signal,
      shrinkBudget: shrink,
      tried: (index, broken) => {
        update(`${++done} of ${runs} trials`)
        if (broken.length > 0)
          progress.note(`Trial ${from + index}: ${broken.map(formatViolation).join('; ')}`)
      }
    })
  )
  if (findings.length === 0 && failed !== null)
    throw new UserError(`No trial ran to its end. The first failed: ${failed}`)
  for (const { index, broken, least } of findings)
    console.log(
      `\nTrial ${from + index} broke ${broken.map(formatViolation).join('; ')}. To reproduce:\n${commandOf(least, library)}`
    )
  if (refused.length > 0)
    console.error(`\n${refused.length} of ${runs} trials say nothing, the first: ${refused[0]}`)
  const judged = messages.all === 0 ? 0 : (100 * messages.judged) / messages.all
  console.log(
    `\nTrials: ${runs}. Broken: ${findings.length}${baseline === undefined ? '' : `, not counting what ${baseline} breaks nearly as badly`}.\n` +
      `Checked: ${INVARIANTS.join(', ')}; the loss of more than ${100 * MOST_LOST}%, of ${judged.toFixed(1)}% of the messages sent while both ends were present.\n` +
      'Not checked: messages within 2 s of a fault or of an end coming or going; latency, order and content of messages; CPU and memory.'
  )
  const exitCode = findings.length > 0 ? 2 : refused.length > 0 ? 1 : 0
  return { exitCode, document: { library, baseline, peers, runs, from, findings, messages, refused } }
}
