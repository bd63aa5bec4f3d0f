/** Whether runs may be compared: all that is not under test must be alike. */
import type { Library } from '../../protocol/peer-results'
import type { RunnerProvenance } from '../../protocol/runner-sample'
import type { Summary } from '../../protocol/summary'
import type { UsableRun } from './run'

/** A fact in which runs differ that must be alike. */
export interface Difference {
  /** Such as "browser". */
  fact: string
  /** Each value and the tests that have it. */
  values: { value: string; tests: string[] }[]
}

type Facts = Record<string, string>

/**
 * What differs between runs though it is not under test, by name. `declared` facts may differ between variants, because that difference is
 * what was asked about, but not between the runs of one.
 */
export function findDifferences(
  runs: readonly UsableRun[],
  design: 'paired' | 'unpaired',
  declared: readonly string[] = []
): Difference[] {
  const variants = [...new Set(runs.map(({ variant }) => variant))].sort((a, b) => a - b)
  const within = variants.flatMap((variant) => {
    const own = runs.filter((run) => run.variant === variant)
    const name =
      variant === 0
        ? 'the baseline'
        : variant === 1 && variants.length === 2
          ? 'the candidate'
          : `build ${variant + 1}`
    return differing(own, (run) => {
      const facts = { ...libraryFacts(run.summary), ...setting(run.summary) }
      const checked = ['library', 'library options', ...declared]
      return Object.fromEntries(
        checked.map((fact) => [`${fact} of ${name}`, facts[fact as keyof typeof facts]])
      )
    })
  })
  const between = differing(runs, ({ summary }) =>
    Object.fromEntries(Object.entries(setting(summary)).filter(([fact]) => !declared.includes(fact)))
  )
  return [...within, ...between, ...(design === 'paired' ? seedsOfBlocks(runs) : seedsOfSets(runs))]
}

/** One line that names what differs. */
export function describeDifference({ fact, values }: Difference): string {
  const shown = values.map(
    ({ value, tests }) => `${value} (${tests.slice(0, 3).join(', ')}${tests.length > 3 ? ' …' : ''})`
  )
  return `${fact}: ${shown.join(' / ')}`
}

/** All that must be alike whatever is compared. */
function setting(summary: Summary): Facts {
  const { version, peers, measured, provenance } = summary
  const runners = (of: (runner: Summary['provenance']['runners'][number]) => string) =>
    [...new Set(provenance.runners.map(of))].sort().join(' + ') || 'unknown'
  return {
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
    'peers per tab': runners(({ peersPerTab }) => String(peersPerTab)),
    Lighthouse: runners(({ lighthouse }) =>
      `${lighthouse.name ?? 'unnamed'} ${lighthouse.version ?? ''}`.trim()
    )
  }
}

export function describeCores({ cores, ownCore }: RunnerProvenance): string {
  return ownCore ? `${cores}, the browser's own` : String(cores)
}

function libraryFacts({ provenance }: Summary): { library: string; 'library options': string } {
  return {
    library: provenance.libraries.map(libraryName).join(' + '),
    'library options': provenance.libraries.map(({ config }) => JSON.stringify(config ?? {})).join(' + ')
  }
}

/** Version and, where it is known, the beginning of the hash: a local folder keeps its version while it changes. */
function libraryName({ name, version, integrity }: Library): string {
  return `${name}@${version}${integrity === undefined ? '' : ` (${integrity.slice(0, 19)})`}`
}

/** The suite's own option of how messages are sent; its name is absent from the options where it is the usual one. */
export function messageTypesOf({ config }: Library): string {
  return typeof config?.messageTypes === 'string' ? config.messageTypes : 'faithful'
}

function differing(
  runs: readonly UsableRun[],
  factsOf: (run: UsableRun) => Record<string, string | undefined>
): Difference[] {
  const byFact = new Map<string, Map<string, string[]>>()
  for (const run of runs) {
    for (const [fact, value = 'unknown'] of Object.entries(factsOf(run))) {
      const values = byFact.get(fact) ?? new Map<string, string[]>()
      byFact.set(fact, values.set(value, [...(values.get(value) ?? []), run.testId]))
    }
  }
  return [...byFact]
    .filter(([, values]) => values.size > 1)
    .map(([fact, values]) => ({ fact, values: [...values].map(([value, tests]) => ({ value, tests })) }))
}

/** Runs of one block share a seed. */
function seedsOfBlocks(runs: readonly UsableRun[]): Difference[] {
  return differing(runs, ({ block, summary }) => ({
    [`seed of block ${(block ?? 0) + 1}`]: String(summary.provenance.seed)
  }))
}

/** Unpaired, the variants must at least have run with the same seeds, or with one each. */
function seedsOfSets(runs: readonly UsableRun[]): Difference[] {
  const seeds = new Map<number, UsableRun[]>()
  for (const run of runs) seeds.set(run.variant, [...(seeds.get(run.variant) ?? []), run])
  const values = [...seeds.values()].map((own) => ({
    value: [...new Set(own.map(({ summary }) => summary.provenance.seed))].sort((a, b) => a - b).join(' '),
    tests: own.map(({ testId }) => testId)
  }))
  return new Set(values.map(({ value }) => value)).size > 1 ? [{ fact: 'seeds', values }] : []
}
