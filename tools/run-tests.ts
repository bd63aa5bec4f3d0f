/**
 * `npm test`: unit tests, then whole-system tests in real browsers. Ends with the line `N passed, N failed`.
 */
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { batches } from './testing/batches'
import { ensureDatabases } from './requirements'
import { rememberedTimes, rememberTimes, slowestFirst } from './testing/remembered-times'
import { runFiles, useTranspiler, watchFiles, type Ran } from './testing/run-files'
import { kindOf, needsDatabase, testFiles, type Kind } from './testing/test-files'
import { whereTimeWent } from './testing/time-table'

interface Options {
  unit?: boolean
  wholeSystem?: boolean
  watch?: boolean
}

/** One after another; the kinds of one phase run at the same time. */
const PHASES: readonly (readonly Kind[])[] = [['unit'], ['whole-system', 'server'], ['alone']]

/** How many files of a kind run at once. */
const CONCURRENCY: Record<Kind, number> = {
  // More than there are cores, because many tests wait.
  unit: availableParallelism() + 4,
  // These mostly wait: for peers to connect and tests to end, for databases and time-outs.
  'whole-system': 3,
  server: 3,
  alone: 1
}
/** Server tests that run beside those in browsers, which need most of the machine. */
const SERVERS_BESIDE_BROWSERS = 1

const program = refuseSwallowedFlags(
  new Command('npm test --')
    .description('Runs the tests: those beside the code, then the whole-system tests of e2e/.')
    .argument('[path...]', 'only test files whose path contains one of these')
    .option('--unit', 'only tests that need neither a database nor a browser (npm run test:unit)')
    .option('--whole-system', 'only tests that need a database or a browser')
    .option('--watch', 'rerun unit tests when they, or what they import, change (npm run test:watch)')
    .addHelpText(
      'after',
      '\nSuites of their own: containers (root and Docker), npm run test:containers; the AWS stack, npm run test:aws'
    )
).parse()

async function main(): Promise<void> {
  const files = testFiles('.').filter(isWanted)
  if (files.length === 0) program.error(`No test file's path contains ${program.args.join(' or ')}.`)
  if (files.some(needsDatabase)) ensureDatabases()
  useTranspiler()
  if (program.opts<Options>().watch === true) return watchFiles(files, CONCURRENCY.unit)

  const rans: Ran[] = []
  for (const phase of PHASES) {
    const kinds = phase.filter((kind) => files.some((file) => kindOf(file) === kind))
    const work = kinds.map((kind) => {
      const isBeside = kind === 'server' && kinds.length > 1
      const ofKind = files.filter((file) => kindOf(file) === kind)
      return runKind(kind, ofKind, isBeside ? SERVERS_BESIDE_BROWSERS : CONCURRENCY[kind])
    })
    rans.push(...(await Promise.all(work)))
  }
  const sum = (count: (ran: Ran) => number) => rans.reduce((total, ran) => total + count(ran), 0)
  const [passed, failed] = [sum((ran) => ran.passed), sum((ran) => ran.failed)]
  console.log(whereTimeWent(rans.flatMap(({ seconds }) => [...seconds])))
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

async function runKind(kind: Kind, files: readonly string[], concurrency: number): Promise<Ran> {
  const times = rememberedTimes()
  const ordered = slowestFirst(files, times)
  const inBatches = kind === 'unit' ? batches(ordered, times) : ordered.map((file) => [file])
  const ran = await runFiles(kind, inBatches, concurrency)
  rememberTimes(ran.seconds)
  return ran
}

function isWanted(path: string): boolean {
  const { unit, wholeSystem, watch } = program.opts<Options>()
  const isUnit = kindOf(path) === 'unit'
  if ((unit === true || watch === true) && !isUnit) return false
  if (wholeSystem === true && isUnit) return false
  return program.args.length === 0 || program.args.some((part) => path.includes(part))
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
