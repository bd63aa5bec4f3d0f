/** What a comparison ends with: a table, a JSON document and a page. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  compare,
  NothingToCompareError,
  UnlikeRunsError,
  type Comparison,
  type ComparisonRequest
} from '../../analysis/comparison/comparison'
import { comparisonText } from '../../analysis/comparison/text'
import { comparisonPage } from '../../report/comparison-page'
import { UserError } from '../../runner/user-error'

/** Compares, writes `comparison.json` and `comparison.html` into the folder, and prints the table. Throws UserError. */
export async function concludeComparison(request: ComparisonRequest, folder: string): Promise<Comparison> {
  const comparison = explained(() => compare(request))
  await mkdir(folder, { recursive: true })
  const files = { report: join(folder, 'comparison.html'), json: join(folder, 'comparison.json') }
  await writeFile(files.json, JSON.stringify(comparison, undefined, 1))
  await writeFile(files.report, comparisonPage(comparison))
  console.log(`\n${comparisonText(comparison, { colour: process.stdout.isTTY })}`)
  console.log(`Report: ${files.report}\nData: ${files.json}`)
  return comparison
}

/** What keeps runs from being compared is for the user to mend. Throws UserError in its place. */
export function explained<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw error instanceof UnlikeRunsError || error instanceof NothingToCompareError
      ? new UserError(error.message)
      : error
  }
}
