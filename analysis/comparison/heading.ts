/** What a report is about, in its first two lines: who against whom, when, where and how. */
import type { Summary } from '../../protocol/summary'
import type { Judged } from '../formats/judged'
import { shortHash, utcTime } from '../format'
import { describeCores, describeDifference, distinct, networkOf, type Difference } from './likeness'
import type { Run } from './run'

/** Notes are what a reader must see first. */
export type Heading = Judged['heading']

export const settingOf = ({ peers, measured, provenance }: Summary) => ({
  peers: peers.expected ?? peers.reporting,
  /** With the warm-up. */
  seconds: Math.round(measured.seconds + provenance.warmup),
  warmup: provenance.warmup,
  routine: provenance.routines.join(' + ')
})

/** E.g. `6 peers`, `20 s, the first 5 s excluded`, `routine crowd`. */
export const settingFacts = ({ peers, seconds, warmup, routine }: ReturnType<typeof settingOf>) => [
  `${peers} peers`,
  `${seconds} s, the first ${warmup} s excluded`,
  `routine ${routine}`
]

export interface Subject {
  /** ms since 1970. */
  madeAt: number
  baseline: string
  candidate: string
  runs: readonly Run[]
  /** What was asked for, which is all there is to tell before the first run. */
  planned?: readonly string[]
  /** Settings that differ between the sides on purpose, such as "message types". */
  declared?: readonly string[]
  /** Settings that differ although they should not: the comparison was forced. */
  differences?: readonly Difference[]
  /** Why it ended before its last block. */
  ended?: string | null
}

/** Any run with a summary tells, also a void one. */
export function headingOf(subject: Subject): Heading {
  const { madeAt, baseline, candidate, runs, planned = [], ended = null } = subject
  const { declared = [], differences = [] } = subject
  const [from, to] = [0, 1].map(
    (variant) => runs.find((run) => run.variant === variant && run.summary !== null)?.summary ?? undefined
  )
  return {
    title: `${titleOf(candidate, to)} against ${titleOf(baseline, from)}`,
    facts: [utcTime(madeAt), ...factsOf(from ?? to, planned)].join(' · '),
    notes: [
      ...(from && to && isSameBuild(from, to, declared) ? [SAME_BUILD] : []),
      ...suitesNote(runs),
      ...(differences.length > 0 ? [FORCED, ...differences.map(describeDifference)] : []),
      ...(ended === null ? [] : [`It ended early: ${ended}`])
    ]
  }
}

export const remarksOf = ({ notes }: Heading, stopped: string | null): string[] =>
  stopped === null ? notes : [...notes, `It was ${stopped}.`]

/** How a title names results that were picked one by one: it must stay readable. */
export const namesOf = (ids: readonly string[]): string =>
  ids.length > 3 ? `${ids.length} results, ${ids[0]} to ${ids.at(-1)}` : ids.join(', ')

const FORCED = 'Forced: these runs differ in more than the build, which may be the cause of any change.'

export const SAME_BUILD = 'Both sides are the same build with the same options: this measures noise.'

function isSameBuild(from: Summary, to: Summary, declared: readonly string[]): boolean {
  const identity = ({ provenance }: Summary) =>
    JSON.stringify([
      provenance.libraries.map(({ integrity, config }) => [integrity, config]),
      networkOf(provenance)
    ])
  const { libraries } = from.provenance
  const areKnown = libraries.length > 0 && libraries.every(({ integrity }) => integrity !== undefined)
  return areKnown && identity(from) === identity(to) && declared.length === 0
}

/** The suite costs CPU, and its figures change. Upgraded between blocks, it is the same on both sides. */
function suitesNote(runs: readonly Run[]): string[] {
  const [from, to] = [0, 1].map((side) => {
    const own = runs.flatMap(({ variant, summary }) => (variant === side && summary ? [summary] : []))
    const commits = own.flatMap(({ provenance: { engine, suiteCommit, runners } }) =>
      engine === 'simulation' ? [suiteCommit] : runners.map((runner) => runner.suiteCommit)
    )
    return distinct(commits.map((commit) => commit?.slice(0, 9) ?? 'unknown'))
  })
  const areUnlike = from !== '' && to !== '' && from !== to
  return areUnlike ? [`Different versions of the suite measured the sides: ${from} / ${to}`] : []
}

/** The name as given, and what it does not say: the version, and the start of the content's hash. */
function titleOf(name: string, summary: Summary | undefined): string {
  const libraries = summary?.provenance.libraries ?? []
  const details = libraries.flatMap(({ version, integrity }) => [
    ...(name.includes(version) ? [] : [version]),
    ...(integrity === undefined ? [] : [shortHash(integrity)])
  ])
  return details.length > 0 ? `${name} (${details.join(', ')})` : name
}

function factsOf(summary: Summary | undefined, planned: readonly string[]): readonly string[] {
  if (!summary) return planned
  const { provenance } = summary
  return [
    ...settingFacts(settingOf(summary)),
    `network ${networkOf(provenance)}`,
    provenance.engine === 'simulation'
      ? 'simulated, in virtual time'
      : distinct(provenance.runners.map((runner) => `${runner.cpuModel}, ${describeCores(runner)} cores`))
  ]
}
