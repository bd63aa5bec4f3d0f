/** Adds uncaught errors to the results, as pages do that learn of them from their browser. */
import { LIMITS } from '../../protocol/limits'
import type { ResultsDocument } from '../../protocol/results-document'
import { placeIn } from '../place'
import type { PagePlan } from './pages'

/** Each error counts for a page of the build whose bundle its stack names, or else for the first page. */
export function addUncaught(
  { peerResults }: Pick<ResultsDocument, 'peerResults'>,
  pages: readonly PagePlan[],
  errors: readonly string[]
): void {
  for (const error of errors) {
    const { first, count } =
      pages.find(({ build }) => placeIn(error, [`${build.text}.js`]) !== undefined) ?? pages[0]!
    const share = Object.values(peerResults).find(
      ({ number, page }) => page && number >= first && number < first + count
    )?.page
    if (!share) continue
    share.uncaught.count++
    share.uncaught.first ??= error.split('\n')[0]!.slice(0, LIMITS.textLength)
  }
}
