/** What each build consists of and where it ran. Differences are highlighted. */
import type { Comparison, Side } from '../../analysis/comparison/comparison'
import { describeCores } from '../../analysis/comparison/likeness'
import { Table, type Content } from './parts'

export function ProvenanceTable({ comparison: { baseline, candidate } }: { comparison: Comparison }) {
  const [from, to] = [factsOf(baseline), factsOf(candidate)]
  const rows = from.map(([name, value], index): Content[] => {
    const other = to[index]![1]
    return value === other
      ? [name, value, 'the same']
      : [name, <strong>{value}</strong>, <strong>{other}</strong>]
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
  const { libraries, routines, warmup, runners } = provenance
  const each = (of: (runner: (typeof runners)[number]) => string | undefined) =>
    [...new Set(runners.map((runner) => of(runner) ?? 'unknown'))].join(' + ') || 'unknown'
  return [
    ['Library', libraries.map(({ name, version }) => `${name}@${version}`).join(' + ')],
    ['Integrity', libraries.map(({ integrity }) => integrity ?? 'unknown').join(' + ')],
    ['Library options', libraries.map(({ config }) => JSON.stringify(config ?? {})).join(' + ')],
    ['Routine', routines.join(' + ')],
    ['Network', each(({ network }) => network ?? 'perfect')],
    ['Warm-up', `${warmup} s`],
    ['Suite', each(({ suiteCommit }) => suiteCommit)],
    ['Browser', each(({ browser }) => browser)],
    ['CPU', each(({ cpuModel }) => cpuModel)],
    ['Cores', each(describeCores)],
    ['System', each(({ os }) => os)],
    ['Node', each(({ node }) => node)],
    ['Lighthouse', each(({ lighthouse: { name, version } }) => `${name ?? 'unnamed'} ${version ?? ''}`)],
    ['Peers per tab', each(({ peersPerTab }) => String(peersPerTab))]
  ]
}
