/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/no-unsafe-return --
   only the program that runs is loaded */
/** The programs that prove what the documentation claims. Each has flags of its own. */
import { Command } from 'commander'

const PROGRAMS: Readonly<Record<string, readonly [what: string, load: () => unknown]>> = {
  truth: ['does the gate find planted faults?', () => require('../tools/benchmarks/truth')],
  certificate: [
    'how often are identical builds called worse?',
    () => require('../tools/benchmarks/certificate')
  ],
  statistics: ['how often is a verdict right?', () => require('../tools/benchmarks/statistics-simulation')],
  overhead: ['what does measuring cost?', () => require('../tools/benchmarks/overhead')],
  'cross-validation': [
    'does virtual time agree with Chromium?',
    () => require('../tools/benchmarks/cross-validation')
  ],
  ingest: ['how much does the results server take?', () => require('../tools/benchmarks/ingest')],
  watch: ['what does watching a large test cost?', () => require('../tools/benchmarks/watch')]
}

const program = new Command('npx peer-perf bench').helpCommand(false)
for (const [name, [what]] of Object.entries(PROGRAMS)) {
  // Reached only after "--", which names no program.
  program
    .command(name)
    .description(what)
    .action(() => program.help({ error: true }))
}
const [name = ''] = process.argv.slice(2)
if (Object.hasOwn(PROGRAMS, name)) {
  // The program sees its own arguments only.
  process.argv.splice(2, 1)
  PROGRAMS[name]![1]()
} else program.parse()
