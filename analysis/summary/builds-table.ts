/** A table for a mesh of several builds: what the peers of each build sent and heard, one row per build. */
import { shortHash, UNKNOWN } from '../format'
import { table } from '../text'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'

/** Undefined if all peers run the same build. The build of the first peer comes first, as in `--library`. */
export function buildsTable({ peerResults }: Pick<ResultsDocument, 'peerResults'>): string | undefined {
  const builds = new Map<string, PeerResults[]>()
  const inOrder = Object.values(peerResults).sort((one, other) => one.number - other.number)
  for (const results of inOrder) {
    const build = nameOf(results.library)
    builds.set(build, [...(builds.get(build) ?? []), results])
  }
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
    const sum = (value: (each: PeerResults) => number) => peers.reduce((all, each) => all + value(each), 0)
    const received = sum(({ heard }) => firstArrivals(heard))
    return [
      build,
      String(peers.length),
      perPeer(received, peers.length),
      received === 0 ? UNKNOWN : `${((100 * sum(({ heard }) => copies(heard))) / received).toFixed(1)}%`,
      perPeer(
        sum(({ wire }) => wire.received),
        peers.length
      ),
      perPeer(
        sum(({ wire }) => wire.sent),
        peers.length
      ),
      String(sum(({ page }) => page?.uncaught.count ?? 0))
    ]
  })
  return table(head, rows)
}

/** With the start of the content's hash: a local build often keeps the version of the published one. */
function nameOf({ name, version, integrity }: PeerResults['library']): string {
  return `${name}@${version}${integrity === undefined ? '' : ` (${shortHash(integrity)})`}`
}

const perPeer = (count: number, peers: number) => Math.round(count / peers).toLocaleString('en')

/** First arrivals of all kinds: `heard` holds pairs of counts, first arrivals and copies. */
function firstArrivals(heard: PeerResults['heard']): number {
  return Object.values(heard).reduce(
    (sum, [position, , profile, , chat]) => sum + position + profile + chat,
    0
  )
}

function copies(heard: PeerResults['heard']): number {
  return Object.values(heard).reduce(
    (sum, [, position, , profile, , chat]) => sum + position + profile + chat,
    0
  )
}
