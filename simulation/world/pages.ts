/** How a plan's peers are distributed over pages, and each page's parameters. */
import { peersOfBuilds } from '../../libraries/shares'
import { behaviourOf } from '../../cli/behaviour'
import { textsFor } from '../../cli/surface'
import type { LibraryBuild, Plan } from '../plan'

export const SERVERS = {
  page: 'http://localhost:8080',
  lighthouse: 'http://lighthouse:9000',
  results: 'http://results:9904'
}

export interface PagePlan {
  /** Number of its first peer; the others follow consecutively. */
  first: number
  count: number
  build: LibraryBuild
}

/**
 * All peers of a page run the same build, and are on the same line if `lineOf` tells lines apart. Each build
 * gets its share of the peers by weight. All pages connect their peers at the same pace, so the builds join
 * in turn.
 */
export function pagesOf(
  { peers, builds, peersPerPage }: Pick<Plan, 'peers' | 'builds' | 'peersPerPage'>,
  lineOf: (peer: number) => number
): PagePlan[] {
  const pages: PagePlan[] = []
  let first = 0
  for (const [index, count] of peersOfBuilds(builds, peers).entries()) {
    const end = first + count
    while (first < end) {
      const most = Math.min(peersPerPage, end - first)
      let shared = 1
      while (shared < most && lineOf(first + shared) === lineOf(first)) shared++
      pages.push({ first, count: shared, build: builds[index]! })
      first += shared
    }
  }
  return pages
}

/** The query part of the page's URL, including the question mark. */
export function searchOf(plan: Plan, { first, count, build }: PagePlan): string {
  const parameters = textsFor('page', {
    ...behaviourOf(plan),
    testId: plan.id,
    resultsServerUrl: SERVERS.results,
    lighthouseUrl: SERVERS.lighthouse,
    numberOfPeers: count,
    firstPeerNumber: first,
    meshPeers: plan.peers > 1 ? plan.peers : undefined,
    library: build.library
  })
  return `?${new URLSearchParams(parameters).toString()}`
}
