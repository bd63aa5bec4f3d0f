/** The output of a comparison: a table, a JSON document and a page. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  compare,
  NothingToCompareError,
  UnlikeRunsError,
  type ComparisonRequest
} from '../analysis/comparison/comparison'
import { comparisonText, gateText, headingText } from '../analysis/comparison/text'
import { comparisonMarkdown } from '../analysis/formats/markdown'
import { comparisonPage, gatePage } from '../dashboard/report/comparison-page'
import { hasColours } from '../options/progress'
import { UserError } from '../options/user-error'

/** What a comparison came to, as `comparison.json` holds it: a `why` says that no run could be compared. */
export type Conclusion = ReturnType<typeof compared>

/**
 * Compares, writes `comparison.json`, `.html` and `.md` to the folder, and prints the tables. If no run can
 * be compared, the attempts of both builds decide. Throws UserError if there are none either.
 */
export async function concludeComparison(request: ComparisonRequest, folder: string): Promise<Conclusion> {
  const document = explained(() => compared(request))
  await mkdir(folder, { recursive: true })
  const fileOf = (extension: string) => join(folder, `comparison.${extension}`)
  await writeFile(fileOf('json'), JSON.stringify(document, undefined, 1))
  await writeFile(fileOf('html'), 'why' in document ? gatePage(document) : comparisonPage(document))
  await writeFile(fileOf('md'), comparisonMarkdown(document))
  console.log(`\n${textOf(document)}\nReport: ${fileOf('html')}\nData: ${fileOf('json')}`)
  return document
}

function textOf(document: Conclusion): string {
  const colour = { colour: hasColours() }
  if (!('why' in document)) return comparisonText(document, colour)
  const { heading, stopped, next, gate, why } = document
  const then = next === null ? '' : `\n\nNext, to decide it:\n  ${next}`
  return `${headingText(heading, stopped)}\n\n${gateText(gate, colour)}\n\n${why}${then}`
}

/** Runs that can't be compared still have an outcome if both builds made attempts. */
function compared(request: ComparisonRequest) {
  try {
    return compare(request)
  } catch (error) {
    if (!(error instanceof NothingToCompareError) || !error.judgement) throw error
    const { judgement, message: why, isUnmeasured } = error
    const { simulated, attempts } = judgement.gate
    const hasAttempts = attempts.baseline.attempts > 0 && attempts.candidate.attempts > 0
    if (simulated.length === 0 && !hasAttempts) throw error
    const names = { baseline: { name: request.baseline }, candidate: { name: request.candidate } }
    return { ...judgement, ...names, why, isUnmeasured }
  }
}

/** Turns errors about runs that cannot be compared, which the user can fix, into UserError. */
export function explained<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof UnlikeRunsError || error instanceof NothingToCompareError
      ? new UserError(error.message)
      : error
  }
}
