/** A table for a mesh of several builds: what the peers of each build sent and heard, one row per build. */
import { sum } from '../distribution'
import { UNKNOWN } from '../format'
import { groupBy } from '../group-by'
import { table } from '../text'
import { buildName } from './figures'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'

/** Undefined if all peers run the same build. The build of the first peer comes first, as in `--library`. */
export function buildsTable({ peerResults }: Pick<ResultsDocument, 'peerResults'>): string | undefined {
  const inOrder = Object.values(peerResults).sort((one, other) => one.number - other.number)
  const builds = groupBy(inOrder, ({ library }) => buildName(library))
  if (builds.size < 2) return undefined
  const head = [
    'build',
    'peers',
    'received per peer',
    'duplicates',
    'packets in per peer',
    'packets out per peer',
    'uncaught errors'
  ]
  const rows = [...builds].map(([build, peers]) => {
    const total = (value: (each: PeerResults) => number) => sum(peers.map(value))
    const perPeer = (count: number) => Math.round(count / peers.length).toLocaleString('en')
    const received = total(({ heard }) => arrivals(heard, 'first'))
    const copies = total(({ heard }) => arrivals(heard, 'copies'))
    return [
      build,
      String(peers.length),
      perPeer(received),
      received === 0 ? UNKNOWN : `${((100 * copies) / received).toFixed(1)}%`,
      perPeer(total(({ wire }) => wire.received)),
      perPeer(total(({ wire }) => wire.sent)),
      String(total(({ page }) => page?.uncaught.count ?? 0))
    ]
  })
  return table(head, rows)
}

/** Of all kinds: `heard` holds pairs of counts, first arrivals and copies. */
function arrivals(heard: PeerResults['heard'], which: 'first' | 'copies'): number {
  const counts = Object.values(heard).flat()
  return sum(counts.filter((_, index) => (which === 'first') === (index % 2 === 0)))
}
