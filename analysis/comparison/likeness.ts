import type { Library } from '../../protocol/peer-results'
import type { RunnerProvenance } from '../../protocol/runner-sample'
import type { Summary } from '../../protocol/summary'
import { buildName } from '../summary/figures'
import { buildOf, isUsable, type UsableRun } from './run'

/** A setting that must match but differs between runs. */
export interface Difference {
  fact: string
  values: { value: string; tests: string[] }[]
}

type Facts = Record<string, string>

/** Settings that differ although they are not under test; `declared` ones may, but not within a variant. */
export function findDifferences(
  runs: readonly UsableRun[],
  design: 'paired' | 'unpaired',
  declared: readonly string[] = []
): Difference[] {
  const builds = 1 + Math.max(0, ...runs.map(({ variant }) => variant))
  const within = differing(runs, (run) => {
    const name = builds > 2 && run.variant > 0 ? `build ${run.variant + 1}` : `the ${buildOf(run)}`
    const facts = { ...libraryFacts(run.summary), ...setting(run.summary) }
    const checked = ['library', 'library dependencies', 'library options', ...declared]
    return Object.fromEntries(checked.map((fact) => [`${fact} of ${name}`, facts[fact]!]))
  })
  const between = differing(runs, ({ summary }) =>
    Object.fromEntries(Object.entries(setting(summary)).filter(([fact]) => !declared.includes(fact)))
  )
  const ofBlocks = differing(runs, (run) =>
    design === 'paired' ? { ...seedOfBlock(run), ...nodesOfBlock(run) } : seedsOfSet(run, runs)
  )
  return [...within, ...between, ...ofBlocks]
}

export function describeDifference({ fact, values }: Difference): string {
  const shown = values.map(
    ({ value, tests }) => `${value} (${tests.slice(0, 3).join(', ')}${tests.length > 3 ? ' …' : ''})`
  )
  return `${fact}: ${shown.join(' / ')}`
}

function setting(summary: Summary): Facts {
  const { version, peers, measured, provenance } = summary
  const runners = (of: (runner: RunnerProvenance) => string) =>
    distinct(provenance.runners.map(of)) || 'unknown'
  return {
    engine: provenance.engine ?? 'browser',
    'summary version': String(version),
    peers: String(peers.expected ?? peers.reporting),
    'measured seconds': String(Math.round(measured.seconds)),
    'warm-up': `${provenance.warmup} s`,
    routine: provenance.routines.join(' + '),
    'message types': [...new Set(provenance.libraries.map(messageTypesOf))].join(' + '),
    browser: runners(({ browser }) => browser),
    'CPU model': runners(({ cpuModel }) => cpuModel),
    cores: runners(describeCores),
    'operating system': runners(({ os }) => os),
    runners: String(provenance.runners.length),
    TURN: runners(({ turn }) => (turn ? 'only' : 'off')),
    network: networkOf(provenance),
    options: runners(({ options }) => options ?? 'usual'),
    'peers per tab': runners(({ peersPerTab }) => String(peersPerTab)),
    Lighthouse: runners(describeLighthouse)
  }
}

export const distinct = (values: readonly string[]) => [...new Set(values)].sort().join(' + ')

/** Unknown before a runner has told it, and for pages that no runner opened. */
export const networkOf = ({ network, runners }: Summary['provenance']) =>
  network ?? (distinct(runners.map((runner) => runner.network ?? 'perfect')) || 'unknown')

/** What identifies a Lighthouse's build. Its name does not: each server draws one for its storage folder. */
export function describeLighthouse({ lighthouse }: RunnerProvenance): string {
  const { version, commitHash, catalystVersion } = lighthouse
  const named = [commitHash && `commit ${commitHash}`, catalystVersion && `catalyst ${catalystVersion}`]
  return [version, ...named].filter(Boolean).join(', ') || 'unknown version'
}

export function describeCores({ cores, ownCore }: RunnerProvenance): string {
  return ownCore ? `${cores}, the browser's own` : String(cores)
}

const libraryFacts = ({ provenance }: Summary): Facts => ({
  // With its hash, if known: a local folder can change and keep its version.
  library: provenance.libraries.map(buildName).join(' + '),
  'library dependencies': provenance.libraries.map((each) => JSON.stringify(each.dependencies)).join(' + '),
  'library options': provenance.libraries.map(({ config }) => JSON.stringify(config ?? {})).join(' + ')
})

/** The suite's own option for how messages are sent. The options omit it when it has the default value. */
function messageTypesOf({ config }: Library): string {
  return typeof config?.messageTypes === 'string' ? config.messageTypes : 'faithful'
}

/** A void run may have ended before its peers or runners told it. */
const isCutShort = (fact: string, value: string) =>
  fact === 'measured seconds' || ['', '0', 'unknown'].includes(value)

function differing(runs: readonly UsableRun[], factsOf: (run: UsableRun) => Facts): Difference[] {
  const byFact = new Map<string, Map<string, string[]>>()
  for (const run of runs) {
    for (const [fact, value] of Object.entries(factsOf(run))) {
      if (!isUsable(run) && isCutShort(fact, value)) continue
      const values = byFact.get(fact) ?? new Map<string, string[]>()
      byFact.set(fact, values.set(value, [...(values.get(value) ?? []), run.testId]))
    }
  }
  return [...byFact]
    .filter(([, values]) => values.size > 1)
    .map(([fact, values]) => ({ fact, values: [...values].map(([value, tests]) => ({ value, tests })) }))
}

function seedOfBlock({ block, summary }: UsableRun): Facts {
  return { [`seed of block ${(block ?? 0) + 1}`]: String(summary.provenance.seed) }
}

/** Runs of one block share their machines, each with the same limits. */
function nodesOfBlock({ block, summary: { provenance } }: UsableRun): Facts {
  const nodes = provenance.runners.map(
    (runner) => `${runner.host ?? 'unknown'} (${runner.cpuModel}, ${describeCores(runner)} cores)`
  )
  return { [`nodes of block ${(block ?? 0) + 1}`]: nodes.sort().join(' + ') }
}

/** Unpaired variants must at least have run with the same set of seeds. */
function seedsOfSet({ variant }: UsableRun, runs: readonly UsableRun[]): Facts {
  const own = runs.filter((run) => run.variant === variant)
  const seeds = new Set(own.map(({ summary }) => summary.provenance.seed))
  return { seeds: [...seeds].sort((a, b) => a - b).join(' ') }
}
