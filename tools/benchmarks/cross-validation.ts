/**
 * `peer-perf bench cross-validation`: compares the simulation with real Chromium. Each case runs in a browser
 * and in virtual time with the same seed, and their counts are compared. Seeds were fixed before the first
 * run. On a busy machine real runs are disturbed, and their validity says so.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { table } from '../../analysis/text'
import { runCommand } from '../../cli/command'
import { listOf, whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import { resultsFolder } from '../../cli/results-folder'
import type { ResultsDocument } from '../../protocol/results-document'
import { deviation, hasSameLinks, likenessOf, type Counted, type Likeness } from '../../simulation/likeness'
import { runReal, runSimulated, type CrossCase } from './both-engines'

const stand = { routine: 'stand', library: 'layers' } as const
const lines = (network: string, seed: number): CrossCase => ({
  ...{ ...stand, peers: 4, tabs: 4, mesh: 'full', network, seed }
})

const CASES: readonly CrossCase[] = [
  { ...stand, peers: 4, tabs: 1, seed: 4101 },
  { ...stand, peers: 8, tabs: 1, seed: 8101 },
  { ...stand, peers: 8, tabs: 1, seed: 8102 },
  { ...stand, peers: 8, tabs: 2, seed: 8103 },
  { ...stand, peers: 10, tabs: 1, seed: 10101 },
  { ...stand, peers: 10, tabs: 1, seed: 10102 },
  { ...stand, peers: 12, tabs: 1, seed: 12101, messageTypes: 'deduplicated' },
  { ...stand, peers: 8, tabs: 1, seed: 8104, routine: 'loops' },
  { ...stand, peers: 8, tabs: 1, seed: 8105, routine: 'churn', duration: 20 },
  { ...stand, peers: 4, tabs: 1, seed: 4201, library: 'islands' },
  { ...stand, peers: 8, tabs: 1, seed: 8201, library: 'islands' },
  { ...stand, peers: 10, tabs: 2, seed: 10201, library: 'islands' },
  // The order of arrival (simulation/network/machine.ts) was fitted with 12101, but not with these.
  { ...stand, peers: 12, tabs: 1, seed: 12105, messageTypes: 'deduplicated' },
  { ...stand, peers: 12, tabs: 1, seed: 12106, messageTypes: 'deduplicated' },
  { ...stand, peers: 8, tabs: 1, seed: 8106, peerConfig: { maxConnections: 3, targetConnections: 2 } },
  // Peers on different lines, which take tabs of their own, in a full mesh: what arrives when decides relays.
  lines('home:3,3g:1', 770_601),
  lines('lan:2,4g:2', 770_602),
  lines('wifi-lossy:2,delay=5ms:2', 770_603),
  lines('delay=2ms:3,delay=200ms,loss=1%:1', 770_604),
  lines('home:2,4g:1,wifi-lossy:1', 770_605),
  lines('delay=20ms:2,delay=90ms:2', 770_606),
  { ...lines('home,6s:offline,9s:home', 770_701), duration: 20 },
  { ...lines('home,6s:offline,11s:home', 770_702), duration: 20 },
  { ...lines('delay=20ms:3,delay=20ms:1,6s:offline,10s:delay=20ms', 770_703), duration: 20 },
  { ...lines('4g,5s:offline,8s:4g', 770_704), duration: 20 },
  // Channels that the library could open instead of its reliable, ordered ones.
  { ...lines('wifi-lossy', 770_901), duration: 20, channel: { ordered: false } },
  { ...lines('wifi-lossy', 770_902), duration: 20, channel: { ordered: false, maxRetransmits: 0 } },
  { ...lines('delay=40ms,loss=3%', 770_903), duration: 20, channel: { ordered: false } },
  { ...lines('delay=40ms,loss=3%', 770_904), duration: 20, channel: { ordered: false, maxRetransmits: 0 } },
  // Seeds that nothing was fitted to.
  ...[4, 4, 6, 6, 8, 8, 8, 10, 10, 10, 12, 12].map((peers, index) => ({
    ...{ ...stand, peers, tabs: 1 as const, seed: 770_801 + index }
  }))
]

/** Largest permitted deviation of the packets received. */
const TOLERANCE = { layers: 0.001, islands: 0.03 }
/** Where lines lose and delay packets, which two real runs do not do alike: of packets and of messages. */
const ON_LINES = 0.01
/** Largest permitted difference of the shares of late messages. */
const LATE = 0.01

interface Flags {
  cases?: number[]
  twice?: true
}

interface Row {
  number: number
  each: CrossCase
  result: Likeness
  /** A second real run against the first: no simulation can agree more than that. */
  again?: Likeness | undefined
  /** What differs by more than the tolerance, and by more than the two real runs. */
  unlike: string[]
}

runCommand(async (signal) => {
  const { cases, twice } = flagsOf<Flags>(
    new Command('npx peer-perf bench cross-validation')
      .description(
        'Compares real Chromium with the simulation, with the same seeds.\n' +
          'Valid real runs are kept: to resume, or to repeat the void ones, run it again.\n' +
          'Exit code 0: every case agrees. 1: it failed, or was stopped. 2: something differs. 3: a real run is void.'
      )
      .option(
        '--cases <numbers>',
        'cases to run, counted from 1, separated by commas (default: all)',
        listOf(whole(1, CASES.length))
      )
      .option(
        '--twice',
        'run each case in Chromium twice: what differs between these runs may differ from the simulation, too'
      )
  )
  const folder = join(resultsFolder(), 'cross-validation')
  await mkdir(folder, { recursive: true })
  const rows: Row[] = []
  for (const [index, each] of CASES.entries()) {
    const number = index + 1
    if (signal.aborted || (cases && !cases.includes(number))) continue
    const real = await realRun(each, join(folder, `case-${number}.json`), folder)
    const result = likenessOf(real, await runSimulated(each))
    const again =
      twice && likenessOf(real, await realRun(each, join(folder, `case-${number}-again.json`), folder))
    const unlike = differences(each, result, again)
    const row = { number, each, result, again, unlike }
    rows.push(row)
    console.log(`${number}. ${nameOf(each)}: ${outcomeOf(row)}`)
  }
  console.log(`\n${table(HEAD, rows.map(cellsOf))}\n${LEGEND}\n\n${conclusion(rows)}`)
  signal.throwIfAborted()
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

/** Beyond the tolerance. What differs between two real runs may differ as much from the simulation. */
function differences({ library, network }: CrossCase, likeness: Likeness, realRuns?: Likeness): string[] {
  const { links, messages, packets, late, unlikePairs } = likeness
  const ofPackets = network === undefined ? TOLERANCE[library as keyof typeof TOLERANCE] : ON_LINES
  const ofMessages = network === undefined ? 0 : ON_LINES
  const isUnlike = (counted: Counted, tolerance: number, between: Counted | undefined) =>
    deviation(counted) > Math.max(tolerance, between ? deviation(between) : 0)
  return [
    ...(hasSameLinks(likeness) || (realRuns && !hasSameLinks(realRuns))
      ? []
      : [`links (${links.common} in common of ${links.real} and ${links.simulated})`]),
    ...messages
      .filter((each, index) => isUnlike(each, ofMessages, realRuns?.messages[index]))
      .map(deviationText),
    ...(isUnlike(packets, ofPackets, realRuns?.packets) ? [deviationText(packets)] : []),
    ...late
      .filter(({ real, simulated }) => Math.abs(simulated - real) > LATE)
      .map(({ name, real, simulated }) => `${name} ${percent(real)} / ${percent(simulated)}`),
    ...(network === undefined && unlikePairs > (realRuns?.unlikePairs ?? 0)
      ? [`counts of ${unlikePairs} pairs of sender and receiver`]
      : [])
  ]
}

function deviationText(counted: Counted): string {
  return `${counted.name} ${counted.real} / ${counted.simulated} (${percent(deviation(counted))})`
}

const realSummaries = ({ result, again }: Row) => [result.real, ...(again ? [again.simulated] : [])]
const isVoid = (row: Row) => realSummaries(row).some(({ verdict }) => verdict !== 'valid')

function outcomeOf(row: Row): string {
  const rules = new Set(realSummaries(row).flatMap(({ reasons }) => reasons.map(({ rule }) => rule)))
  return (
    (row.unlike.length === 0 ? 'agrees' : `differs: ${row.unlike.join('; ')}`) +
    (isVoid(row) ? ` [real run void: ${[...rules].join(', ')}]` : '')
  )
}

function conclusion(rows: readonly Row[]): string {
  const count = (holds: (row: Row) => boolean) => `${rows.filter(holds).length} of ${rows.length}`
  return `Agree: ${count(({ unlike }) => unlike.length === 0)}. Real runs valid: ${count((row) => !isVoid(row))}.`
}

const HEAD = 'case,links,received,packets,real/real,real/sim.,>60 ms,>200 ms,real runs'.split(',')
const LEGEND =
  'First real run / second / simulated, or = where all are equal. Links: common with the first real run. ' +
  'real/real, real/sim.: deviation of the packets. >60 ms: share of the positions that came later.'

function cellsOf(row: Row): string[] {
  const { number, each, result, again } = row
  const { links, messages, packets, late } = result
  const figures = (real: string, other: string | undefined, simulated: string) => {
    const all = [real, ...(other === undefined ? [] : [other]), simulated]
    return new Set(all).size === 1 ? `${real} =` : all.join(' / ')
  }
  const counts = (own: Counted, other: Counted | undefined, format: (value: number) => string = String) =>
    figures(format(own.real), other && format(other.simulated), format(own.simulated))
  const received = messages.findIndex(({ name }) => name === 'received')
  return [
    `${number}. ${nameOf(each)}`,
    hasSameLinks(result) && (!again || hasSameLinks(again))
      ? `${links.real} =`
      : figures(`${links.real}`, again && `${again.links.common}`, `${links.common}`),
    counts(messages[received]!, again?.messages[received]),
    counts(packets, again?.packets),
    again ? percent(deviation(again.packets)) : '–',
    percent(deviation(packets)),
    ...late.map((own, index) => counts(own, again?.late[index], percent)),
    [...new Set(realSummaries(row).map(({ verdict }) => verdict))].join(', ')
  ]
}

function nameOf({ library, peers, tabs, routine, seed, ...each }: CrossCase): string {
  const { messageTypes, network, channel, peerConfig } = each
  const extras = [messageTypes, network, JSON.stringify(channel), JSON.stringify(peerConfig)]
  return [`${library} ${peers}/${tabs}`, routine, seed, ...extras].filter(Boolean).join(' ')
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`
