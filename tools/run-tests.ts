/** `npm test`: unit tests, then whole-system tests in browsers. Its last line is `N passed, N failed`. */
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { fail } from '../cli/command'
import { flagsOf } from '../cli/npm-dashes'
import { obtainBrowser } from '../runner/browser'
import { batches, singles } from './testing/batches'
import { DATABASES, ensure } from './requirements'
import { isolate } from './testing/environment'
import { Progress } from './testing/progress'
import { runFiles, watchFiles } from './testing/run-files'
import { SEED_VARIABLE } from './testing/seed'
import { endLines, exitCode, whereTimeWent } from './testing/end-lines'
import { kindOf, needsDatabase, testFiles, type Kind } from './testing/test-files'
import type { Outcome } from './testing/test-process'

type Options = { unit?: boolean; wholeSystem?: boolean; watch?: boolean; except: string[] }

/** One after another; the kinds of one phase run at the same time. */
const PHASES: readonly (readonly Kind[])[] = [['unit'], ['whole-system', 'server'], ['alone']]

/** How many files of a kind run at once. */
const CONCURRENCY: Record<Kind, number> = {
  // More than there are cores, because many tests wait.
  unit: availableParallelism() + 4,
  // These mostly wait: for peers to connect and tests to end, for databases and time-outs.
  'whole-system': Math.min(3, availableParallelism() + 1),
  server: Math.min(2, availableParallelism()),
  alone: 1
}

const program = new Command('npm test --')
  .description('Runs the tests: those beside the code, then the whole-system tests of e2e/.')
  .argument('[path...]', 'only test files whose path contains one of these')
  .option('--unit', 'only tests that need neither a database nor a browser (npm run test:unit)')
  .option('--whole-system', 'only tests that need a database or a browser')
  .option('--except <part...>', 'no test files whose path contains one of these', [])
  .option('--watch', 'rerun unit tests when they, or what they import, change')
  .addHelpText(
    'after',
    '\nSuites of their own: containers (root and Docker), e2e/containers/run.sh; the AWS stack, npm test in deploy/aws'
  )
const flags = flagsOf<Options>(program)

async function main(): Promise<void> {
  const files = testFiles('.').filter(isWanted)
  if (files.length === 0) program.error(`There is no such test file: ${process.argv.slice(2).join(' ')}`)
  if (files.some(needsDatabase)) ensure(DATABASES)
  // Once: apt refuses to install for two tests at the same time.
  if (files.some((file) => kindOf(file) !== 'unit')) await obtainBrowser(console.log)
  passOnSeed()
  isolate(process.env)
  if (flags.watch === true) return watchFiles(files, CONCURRENCY.unit)

  const batchesOf = (kind: Kind) => {
    const own = files.filter((file) => kindOf(file) === kind)
    return kind === 'unit' ? batches(own) : singles(own)
  }
  const phases = PHASES.map((kinds) =>
    kinds.map((kind) => ({ kind, all: batchesOf(kind) })).filter(({ all }) => all.length > 0)
  )
  const progress = new Progress(phases.flat().reduce((sum, { all }) => sum + all.length, 0))
  endOnSignals(progress)
  const outcomes: Outcome[] = []
  for (const phase of phases) {
    const work = phase.map(({ kind, all }) => runFiles(all, CONCURRENCY[kind], progress))
    outcomes.push(...(await Promise.all(work)).flat())
  }
  progress.close()
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failures = outcomes.flatMap((outcome) => outcome.failures)
  console.log(whereTimeWent(outcomes.flatMap(({ seconds }) => [...seconds])))
  console.log(endLines(passed, failures))
  process.exitCode = exitCode(passed, failures)
}

/** Programs under test have an option of that name, which must not take the tests' seed. */
function passOnSeed(): void {
  const { SEED } = process.env
  if (SEED === undefined) return
  if (!/^\d{1,10}$/.test(SEED)) program.error(`SEED must be a whole number, not "${SEED}".`)
  process.env[SEED_VARIABLE] = SEED
}

/** Test processes are not in the terminal's process group: Ctrl-C does not reach them. */
function endOnSignals(progress: Progress): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      progress.kill()
      process.exit(1)
    })
}

function isWanted(path: string): boolean {
  const { unit, wholeSystem, watch, except } = flags
  const isUnit = kindOf(path) === 'unit'
  if ((unit === true || watch === true) && !isUnit) return false
  if (wholeSystem === true && isUnit) return false
  if (except.some((part) => path.includes(part))) return false
  return program.args.length === 0 || program.args.some((part) => path.includes(part))
}

main().catch(fail)
