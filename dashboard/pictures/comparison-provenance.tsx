/** What each build consists of and where it ran. Differences are highlighted. */
import type { Comparison, Side } from '../../analysis/comparison/comparison'
import { describeCores, describeLighthouse } from '../../analysis/comparison/likeness'
import { Table, type Content } from './parts'

export function ProvenanceTable({ comparison: { baseline, candidate } }: { comparison: Comparison }) {
  const [from, to] = [factsOf(baseline), factsOf(candidate)]
  const rows = from.map(([name, value], index): Content[] => {
    const other = to[index]![1]
    if (value === other) return [name, value, value.includes('unknown') ? value : 'the same']
    return [name, <strong>{value}</strong>, <strong>{other}</strong>]
  })
  return (
    <Table
      caption="Provenance of both builds"
      columns={[{ title: '' }, { title: 'Baseline', kind: 'fact' }, { title: 'Candidate', kind: 'fact' }]}
      rows={rows}
    />
  )
}

function factsOf({ provenance }: Side): [string, string][] {
  const { libraries, network, routines, warmup, runners } = provenance
  const built = (of: (library: (typeof libraries)[number]) => string | undefined) =>
    libraries.map((library) => of(library) ?? 'unknown').join(' + ') || 'unknown'
  const each = (of: (runner: (typeof runners)[number]) => string | undefined) =>
    [...new Set(runners.map((runner) => of(runner) ?? 'unknown'))].join(' + ') || 'unknown'
  return [
    ['Library', built(({ name, version }) => `${name}@${version}`)],
    ['Integrity', built(({ integrity }) => integrity)],
    ['Library options', built(({ config }) => JSON.stringify(config ?? {}))],
    ['Routine', routines.join(' + ') || 'unknown'],
    ['Network', network ?? each(({ network: own }) => own ?? 'perfect')],
    ['Warm-up', `${warmup} s`],
    ['Suite', each(({ suiteCommit }) => suiteCommit)],
    ['Browser', each(({ browser }) => browser)],
    ['CPU', each(({ cpuModel }) => cpuModel)],
    ['Cores', each(describeCores)],
    ['System', each(({ os }) => os)],
    ['Node', each(({ node }) => node)],
    ['Lighthouse', each(describeLighthouse)],
    ['Peers per tab', each(({ peersPerTab }) => String(peersPerTab))]
  ]
}
