/**
 * `peer-perf bench certificate --help`: how often does the gate call identical builds worse, in real browsers
 * on this machine? Each outcome is a line of a file that is part of the repository.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { upperLimit } from '../analysis/statistics/counts'
import { blocksOf, runCompare } from '../lab/compare-process'
import { runCommand } from '../options/command'
import { whole } from '../options/flags'
import { refuseSwallowedFlags } from '../options/npm-dashes'
import { SOUND_BUILD } from './truth/faults'

const ROOT = resolve(__dirname, '..')
const COLUMNS = [
  'date',
  'build',
  'browser',
  'cpu',
  'cores',
  'peers',
  'seconds',
  'blocks',
  'minutes',
  'verdict',
  'worse'
] as const
type Row = Record<(typeof COLUMNS)[number], string>
const BUILD = `${SOUND_BUILD.name}@${SOUND_BUILD.version}`
const [FROM, TO] = ['<!-- certificate -->', '<!-- /certificate -->']

interface Flags {
  count: number
  peers: number
  duration: number
  maxBlocks: number
  file: string
  reportOnly?: boolean
}

const flags = refuseSwallowedFlags(
  new Command('npx peer-perf bench certificate')
    .description(
      'Compares a published build with itself in real browsers, and appends each outcome to a file and to the README.\n' +
        'To resume, run it again. Exit code 0: none is worse. 1: it failed, or was stopped. 2: one is worse.'
    )
    .addOption(new Option('--count <number>', 'comparisons to add').argParser(whole(1, 1000)).default(60))
    .addOption(new Option('--peers <number>', 'of each build').argParser(whole(2, 100)).default(8))
    .addOption(new Option('--duration <seconds>', 'of each run').argParser(whole(6, 3600)).default(30))
    .addOption(new Option('--max-blocks <number>', 'of each').argParser(whole(8, 200)).default(24))
    .option('--file <path>', 'where the outcomes are', join(ROOT, 'benchmarks/certificate.csv'))
    .option('--report-only', 'run nothing: print the figure')
)
  .parse()
  .opts<Flags>()

runCommand(async (signal) => {
  const rows = read()
  for (let count = 0; count < flags.count && !flags.reportOnly; count++) {
    const row = await compareWithItself(`certificate-${rows.length + 1}`, signal)
    rows.push(row)
    appendFileSync(flags.file, `${lineOf(COLUMNS.map((column) => row[column]))}\n`)
    writeReadme(sentenceOf(rows))
  }
  console.log(sentenceOf(rows))
  return rows.some(({ verdict }) => verdict === 'worse') ? 2 : 0
})

function read(): Row[] {
  if (!existsSync(flags.file)) writeFileSync(flags.file, `${lineOf(COLUMNS)}\n`)
  const [, ...lines] = readFileSync(flags.file, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(COLUMNS.map((column, index) => [column, cells[index]!])) as Row
  })
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => cell.replace(/[,\n]/g, ';')).join()
}

async function compareWithItself(id: string, signal: AbortSignal): Promise<Row> {
  const { peers, duration, maxBlocks } = flags
  const begun = performance.now()
  const sizes = ['--peers', peers, '--duration', duration, '--max-blocks', maxBlocks].map(String)
  const args = ['--baseline', BUILD, '--candidate', BUILD, ...sizes]
  const { gate, baseline } = await runCompare(id, args, { signal, resume: 'npx peer-perf bench certificate' })
  const [processor] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    build: BUILD,
    browser: baseline?.provenance.runners[0]?.browser ?? 'unknown',
    cpu: processor?.model ?? 'unknown',
    cores: String(cpus().length),
    peers: String(peers),
    seconds: String(duration),
    blocks: String(blocksOf(gate)),
    minutes: ((performance.now() - begun) / 60_000).toFixed(1),
    verdict: gate.verdict,
    worse: gate.criteria
      .filter(({ verdict }) => verdict === 'worse')
      .map(({ name }) => name)
      .join(' ')
  }
}

/** An exact bound (Clopper & Pearson 1934). */
function sentenceOf(rows: readonly Row[]): string {
  if (rows.length === 0)
    return 'False alarms on real identical builds: not measured yet (`npx peer-perf bench certificate`).'
  const count = rows.filter(({ verdict }) => verdict === 'worse').length
  const limit = (100 * upperLimit(count, rows.length, 0.05)).toFixed(1)
  const passed = rows.filter(({ verdict }) => verdict === 'pass').length
  const all = (column: keyof Row) => [...new Set(rows.map((row) => row[column]))].join(', ')
  return (
    `Of ${rows.length} comparisons of a build with itself in real browsers, ${count} were called worse and ${passed} passed: with 95% confidence, ` +
    `at most ${limit}% of identical builds are called worse (${all('cpu')}, ${all('cores')} cores; ${all('browser')}; ` +
    `${rows[0]!.date} to ${rows.at(-1)!.date}; [each outcome](benchmarks/certificate.csv)).`
  )
}

function writeReadme(sentence: string): void {
  const file = join(ROOT, 'README.md')
  const text = readFileSync(file, 'utf8')
  const [start, end] = [text.indexOf(FROM), text.indexOf(TO)]
  if (start >= 0 && end > start)
    writeFileSync(file, `${text.slice(0, start + FROM.length)}\n\n${sentence}\n\n${text.slice(end)}`)
}
