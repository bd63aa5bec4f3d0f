/** The output of a comparison: a table, a JSON document and a page. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  conclude,
  NothingToCompareError,
  UnlikeRunsError,
  type ComparisonRequest,
  type Conclusion
} from '../analysis/comparison/comparison'
import { comparisonText } from '../analysis/comparison/text'
import { readJudged, verdictSchema, type Judged } from '../analysis/formats/judged'
import { comparisonMarkdown } from '../analysis/formats/markdown'
import { comparisonPage } from '../dashboard/report/comparison-page'
import { hasColours } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { attempt } from '../protocol/attempt'
import { replaceFile } from './whole-file'

/**
 * Compares, writes `comparison.json`, `.html` and `.md` to the folder, and prints the tables. If no run can
 * be compared, the attempts of both builds decide. Throws UserError if there are none either.
 */
export async function concludeComparison(request: ComparisonRequest, folder: string): Promise<Conclusion> {
  const document = explained(() => conclude(request))
  await mkdir(folder, { recursive: true })
  const fileOf = (extension: string) => join(folder, `comparison.${extension}`)
  const before = attempt(() => readJudged(readFileSync(fileOf('json'), 'utf8'), verdictSchema))
  await replaceFile(fileOf('json'), JSON.stringify(document, undefined, 1))
  await replaceFile(fileOf('html'), comparisonPage(document))
  await replaceFile(fileOf('md'), comparisonMarkdown(document))
  const text = comparisonText(document, { colour: hasColours() })
  console.log(`\n${text}\nReport: ${fileOf('html')}\nData: ${fileOf('json')}`)
  // Another version of the suite, or --force.
  if (before && attemptsOf(before) === attemptsOf(document) && before.gate.verdict !== document.gate.verdict)
    console.log(`The same runs were judged before: ${before.headline}`)
  return document
}

const attemptsOf = ({ gate: { attempts } }: Judged) => JSON.stringify([attempts.baseline, attempts.candidate])

/** Turns errors about runs that cannot be compared, which the user can fix, into UserError. */
export function explained<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    const force =
      error instanceof UnlikeRunsError && error.canForce ? ', or compare them anyway with --force' : ''
    throw error instanceof UnlikeRunsError || error instanceof NothingToCompareError
      ? new UserError(error.message + force)
      : error
  }
}
