/**
 * `peer-perf bench cross-validation`: compares the simulation with real Chromium. Each case runs once in a
 * browser and once in virtual time with the same seed, and their counts are compared. Seeds were fixed before
 * the first run. On a busy machine real runs are disturbed, and their validity says so.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { table } from '../analysis/text'
import { runCommand } from '../cli/command'
import { listOf, whole } from '../cli/flags'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { resultsFolder } from '../cli/results-folder'
import type { ResultsDocument } from '../protocol/results-document'
import { CASES } from '../simulation/testing/cross-cases'
import { deviation, hasSameLinks, type Counted } from '../simulation/likeness'
import {
  compare,
  runReal,
  runSimulated,
  type CrossCase,
  type CrossResult
} from '../simulation/testing/cross-validation'

/** Largest permitted deviation of the packets received. */
const TOLERANCE = { layers: 0.001, islands: 0.03 }
/** The same where lines lose and delay packets, which two real runs do not do alike; and of late messages. */
const ON_LINES = { packets: 0.01, late: 0.01 }

const toleranceOf = ({ library, network }: CrossCase) =>
  network === undefined ? TOLERANCE[library as keyof typeof TOLERANCE] : ON_LINES.packets

interface Flags {
  cases?: number[]
  fresh?: true
  twice?: true
}

interface Row {
  number: number
  each: CrossCase
  result: CrossResult
  /** A second real run against the first: no simulation can agree more than that. */
  again?: CrossResult
  /** What differs by more than the tolerance. */
  unlike: string[]
}

runCommand(async (signal) => {
  const { cases, fresh, twice } = refuseSwallowedFlags(
    new Command('npx peer-perf bench cross-validation')
      .description(
        'Compares real Chromium with the simulation, with the same seeds.\n' +
          'Valid real runs are kept: to resume, or to repeat the void ones, run it again.\n' +
          'Exit code 0: every case agrees. 1: something failed. 2: something differs. 3: a real run is void.'
      )
      .option(
        '--cases <numbers>',
        'cases to run, counted from 1, separated by commas (default: all)',
        listOf(whole(1, CASES.length))
      )
      .option('--fresh', 'discard the real runs of before')
      .option('--twice', 'run each case in Chromium twice, and compare these runs with each other, too')
  )
    .parse()
    .opts<Flags>()
  const folder = join(resultsFolder(), 'cross-validation')
  if (fresh) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const rows: Row[] = []
  for (const [index, each] of CASES.entries()) {
    const number = index + 1
    if (signal.aborted || (cases && !cases.includes(number))) continue
    const real = await realRun(each, join(folder, `case-${number}.json`), folder)
    const result = compare(real, await runSimulated(each))
    const again =
      twice && compare(real, await realRun(each, join(folder, `case-${number}-again.json`), folder))
    const row = { number, each, result, ...(again && { again }), unlike: differences(each, result) }
    rows.push(row)
    console.log(`${number}. ${nameOf(each)}: ${outcomeOf(row)}`)
  }
  console.log(`\n${table(HEAD, rows.map(cellsOf))}\n\n${conclusion(rows)}`)
  if (rows.some(isVoid)) return 3
  return rows.some(({ unlike }) => unlike.length > 0) ? 2 : 0
})

/** The previous run if it was valid; otherwise a new one. */
async function realRun(each: CrossCase, file: string, folder: string): Promise<ResultsDocument> {
  if (existsSync(file)) {
    const before = JSON.parse(await readFile(file, 'utf8')) as ResultsDocument
    if (before.summary?.verdict === 'valid' && before.seed === each.seed) return before
  }
  const real = await runReal(each, folder)
  await writeFile(file, JSON.stringify(real))
  return real
}

function differences(each: CrossCase, { likeness }: CrossResult): string[] {
  const { links, messages, packets, late, unlikePairs } = likeness
  const tolerance = toleranceOf(each)
  const unlikeLate =
    each.network === undefined
      ? []
      : late.filter(({ real, simulated }) => Math.abs(simulated - real) > ON_LINES.late)
  return [
    ...(hasSameLinks(likeness)
      ? []
      : [`links (${links.common} in common of ${links.real} and ${links.simulated})`]),
    ...messages.filter(({ real, simulated }) => real !== simulated).map(deviationText),
    ...(deviation(packets) > tolerance ? [deviationText(packets)] : []),
    ...unlikeLate.map(
      ({ name, real, simulated }) => `${name} ${(100 * real).toFixed(1)} / ${(100 * simulated).toFixed(1)} %`
    ),
    ...(unlikePairs > 0 ? [`counts of ${unlikePairs} pairs of sender and receiver`] : [])
  ]
}

function deviationText(counted: Counted): string {
  return `${counted.name} ${counted.real} / ${counted.simulated} (${(100 * deviation(counted)).toFixed(2)} %)`
}

const isVoid = ({ result, again }: Row) =>
  [result.real, again?.simulated].some((summary) => summary && summary.verdict !== 'valid')

function outcomeOf(row: Row): string {
  const { unlike, result } = row
  const reasons = [...new Set(result.real.reasons.map(({ rule }) => rule))].join(', ')
  const ofRealRuns = row.again && differences(row.each, row.again)
  return (
    (unlike.length === 0 ? 'agrees' : `differs: ${unlike.join('; ')}`) +
    (ofRealRuns && ofRealRuns.length > 0 ? `; two real runs: ${ofRealRuns.join('; ')}` : '') +
    (isVoid(row) ? ` [real run void: ${reasons}]` : '')
  )
}

function conclusion(rows: readonly Row[]): string {
  const twice = rows.flatMap(({ again, ...row }) => (again ? [{ ...row, result: again }] : []))
  return [
    `Real against simulated: ${agreement(rows)}; real runs valid: ${rows.filter((row) => !isVoid(row)).length} of ${rows.length}`,
    ...(twice.length > 0 ? [`Real against real: ${agreement(twice)}`] : [])
  ].join('\n')
}

function agreement(rows: readonly Row[]): string {
  const share = (what: string, some: readonly Row[], holds: (row: Row) => boolean) =>
    `${what} in ${some.filter(holds).length} of ${some.length}`
  const layers = rows.filter(({ each }) => each.library === 'layers')
  return [
    share('links equal', layers, ({ result }) => hasSameLinks(result.likeness)) + ' runs of layers',
    share('messages equal', rows, ({ result }) =>
      result.likeness.messages.every(({ real, simulated }) => real === simulated)
    ),
    share(
      'packets within tolerance',
      rows,
      ({ each, result }) => deviation(result.likeness.packets) <= toleranceOf(each)
    )
  ].join(', ')
}

const HEAD = ['case', 'links', 'sent', 'received', 'duplicates', 'packets', 'deviation', 'p50 ms', 'real run']

function cellsOf({ number, each, result: { likeness, real, simulated } }: Row): string[] {
  const { links, messages, packets } = likeness
  const [sent, , received, duplicates] = messages
  return [
    `${number}. ${nameOf(each)}`,
    hasSameLinks(likeness) ? `${links.real} =` : `${links.common} of ${links.real}, ${links.simulated}`,
    pairOf(sent!),
    pairOf(received!),
    pairOf(duplicates!),
    pairOf(packets),
    `${(100 * deviation(packets)).toFixed(3)} %`,
    `${real.latency.position?.p50?.toFixed(2) ?? '–'} / ${simulated.latency.position?.p50?.toFixed(2) ?? '–'}`,
    real.verdict
  ]
}

function nameOf(each: CrossCase): string {
  const { library, peers, tabs, routine, seed, messageTypes, network, peerConfig } = each
  const extras = [messageTypes, network, peerConfig && JSON.stringify(peerConfig)].filter(Boolean).join(' ')
  return `${library}, ${peers} peers in ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}, ${routine}, seed ${seed} ${extras}`.trim()
}

function pairOf({ real, simulated }: Counted): string {
  return real === simulated ? `${real} =` : `${real} / ${simulated}`
}
