/**
 * `peer-perf bench certificate --help`: how often does the gate call identical builds worse, in real browsers
 * on this machine? Each outcome is a line of a file that is part of the repository.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { isMeasured } from '../../analysis/formats/judged'
import { upperLimit } from '../../analysis/statistics/counts'
import { blocksOf, idOf, runCompare } from '../../orchestration/compare-process'
import { runCommand } from '../../cli/command'
import { whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import { UserError } from '../../cli/user-error'
import { SOUND_BUILD } from './truth/faults'

const ROOT = resolve(__dirname, '../..')
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
const NOT_MEASURED = 'not measured'
const PATIENCE = 3
const [FROM, TO] = ['<!-- certificate -->', '<!-- /certificate -->']
const lineOf = (cells: readonly string[]): string => cells.map((cell) => cell.replace(/[,\n]/g, ';')).join()

interface Flags {
  count: number
  peers: number
  duration: number
  maxBlocks: number
  file: string
}

const flags = flagsOf<Flags>(
  new Command('npx peer-perf bench certificate')
    .description(
      'Compares a published build with itself in real browsers, and appends each outcome to a file and to the README.\n' +
        'To resume, run it again. Exit code 0: none is worse. 1: it failed, was stopped, or none was measured. 2: one is worse.'
    )
    .option('--count <number>', 'comparisons to add', whole(1, 1000), 60)
    .option('--peers <number>', 'of each build', whole(2, 100), 8)
    .option('--duration <seconds>', 'of each run', whole(6, 3600), 30)
    .option('--max-blocks <number>', 'of each', whole(8, 200), 24)
    .option('--file <path>', 'where the outcomes are', join(ROOT, 'tools/benchmarks/certificate.csv'))
)

runCommand(async (signal) => {
  const rows = read()
  let lost = 0
  for (let count = 0; count < flags.count; count++) {
    const row = await compareWithItself(rows.length + 1, signal)
    rows.push(row)
    lost = row.verdict === NOT_MEASURED ? lost + 1 : 0
    appendFileSync(flags.file, `${lineOf(COLUMNS.map((column) => row[column]))}\n`)
    writeReadme(sentenceOf(rows))
    if (lost === PATIENCE)
      throw new UserError(`${lost} in a row were not measured: see above why, then run it again`)
  }
  console.log(sentenceOf(rows))
  if (rows.every(({ verdict }) => verdict === NOT_MEASURED)) throw new UserError('No comparison was measured')
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

async function compareWithItself(count: number, signal: AbortSignal): Promise<Row> {
  const { peers, duration, maxBlocks } = flags
  const begun = performance.now()
  const sizes = ['--peers', peers, '--duration', duration, '--max-blocks', maxBlocks].map(String)
  const args = ['--baseline', BUILD, '--candidate', BUILD, ...sizes]
  const id = idOf(`certificate-${count}`, args)
  const finished = await runCompare(id, args, signal).catch((error: unknown) => {
    if (signal.aborted) throw error
    return undefined
  })
  const { gate, baseline } = finished ?? {}
  const blocks = gate ? blocksOf(gate) : 0
  const isJudged = finished && isMeasured(finished) && (blocks > 0 || finished.gate.verdict === 'worse')
  const [processor] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    build: BUILD,
    browser: baseline?.provenance?.runners[0]?.browser ?? 'unknown',
    cpu: processor?.model ?? 'unknown',
    cores: String(cpus().length),
    peers: String(peers),
    seconds: String(duration),
    blocks: String(blocks),
    minutes: ((performance.now() - begun) / 60_000).toFixed(1),
    // A machine that was too busy: no verdict, right or wrong.
    verdict: isJudged ? finished.gate.verdict : NOT_MEASURED,
    worse: (gate?.criteria ?? [])
      .filter(({ verdict }) => verdict === 'worse')
      .map(({ name }) => name)
      .join(' ')
  }
}

/** An exact bound (Clopper & Pearson 1934). */
function sentenceOf(all: readonly Row[]): string {
  const rows = all.filter(({ verdict }) => verdict !== NOT_MEASURED)
  if (rows.length === 0)
    return 'False alarms on real identical builds: not measured yet (`npx peer-perf bench certificate`).'
  const count = rows.filter(({ verdict }) => verdict === 'worse').length
  const limit = (100 * upperLimit([{ count, trials: rows.length }], 0.05)).toFixed(1)
  const passed = rows.filter(({ verdict }) => verdict === 'pass').length
  const each = (column: keyof Row) => [...new Set(rows.map((row) => row[column]))].join(' or ')
  return (
    `Of ${rows.length} comparisons of a build with itself in real browsers, ${count} were called worse and ${passed} passed: with 95% confidence, ` +
    `at most ${limit}% of identical builds are called worse (${each('peers')} peers, ${each('seconds')} s; ${each('cpu')}, ${each('cores')} cores; ${each('browser')}; ` +
    `${[...new Set([rows[0]!.date, rows.at(-1)!.date])].join(' to ')}; [each outcome](tools/benchmarks/certificate.csv)).`
  )
}

function writeReadme(sentence: string): void {
  const file = join(ROOT, 'README.md')
  const text = readFileSync(file, 'utf8')
  const [start, end] = [text.indexOf(FROM), text.indexOf(TO)]
  if (start >= 0 && end > start)
    writeFileSync(file, `${text.slice(0, start + FROM.length)}\n\n${sentence}\n\n${text.slice(end)}`)
}
