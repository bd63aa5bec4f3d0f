/** The output of a comparison: a table, a JSON document and a page. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  compare,
  NothingToCompareError,
  UnlikeRunsError,
  type Comparison,
  type ComparisonRequest
} from '../analysis/comparison/comparison'
import { comparisonMarkdown, comparisonText, gateText, headingText } from '../analysis/comparison/text'
import type { Gate } from '../analysis/gate/gate'
import { gateHeadline } from '../analysis/gate/headline'
import { comparisonPage, gatePage } from '../report/comparison-page'
import { UserError } from '../cli/user-error'

/** What a comparison came to. */
export interface Conclusion {
  gate: Gate
  /** Null if no run could be compared. */
  comparison: Comparison | null
  /** Why no run could be compared; null if some could. */
  why: string | null
}

/**
 * Compares, writes `comparison.json`, `.html` and `.md` to the folder, and prints the tables. If no run
 * can be compared but attempts were made, the attempts decide. Throws UserError.
 */
export async function concludeComparison(request: ComparisonRequest, folder: string): Promise<Conclusion> {
  const result = compared(request)
  await mkdir(folder, { recursive: true })
  const fileOf = (extension: string) => join(folder, `comparison.${extension}`)
  const files = { report: fileOf('html'), json: fileOf('json'), markdown: fileOf('md') }
  const colour = { colour: process.stdout.isTTY }
  if (result instanceof NothingToCompareError) {
    const { message } = result
    const [gate, heading] = [result.gate!, result.heading!]
    const { id, madeAt, baseline, candidate, stopped = null } = request
    const next = gate.verdict === 'undecided' ? (request.next ?? null) : null
    const builds = { baseline: { name: baseline }, candidate: { name: candidate } }
    const unmeasured = { id, madeAt, heading, headline: gateHeadline(gate), stopped, next, ...builds, gate }
    await writeFile(files.json, JSON.stringify(unmeasured, undefined, 1))
    await writeFile(files.report, gatePage({ ...unmeasured, why: message }))
    await writeFile(files.markdown, comparisonMarkdown(heading, gate))
    console.log(`\n${headingText(heading, stopped)}\n\n${gateText(gate, colour)}\n\n${message}`)
    if (next !== null) console.log(`\nNext, to decide it:\n  ${next}`)
  } else {
    await writeFile(files.json, JSON.stringify(result, undefined, 1))
    await writeFile(files.report, comparisonPage(result))
    await writeFile(files.markdown, comparisonMarkdown(result.heading, result.gate))
    console.log(`\n${comparisonText(result, colour)}`)
  }
  console.log(`Report: ${files.report}\nData: ${files.json}`)
  return result instanceof NothingToCompareError
    ? { gate: result.gate!, comparison: null, why: result.message }
    : { gate: result.gate, comparison: result, why: null }
}

/** Runs that can't be compared still have an outcome if both builds made attempts. */
function compared(request: ComparisonRequest): Comparison | NothingToCompareError {
  try {
    return compare(request)
  } catch (error) {
    const { gate } = error as Partial<NothingToCompareError>
    const hasAttempts =
      gate &&
      (gate.simulated.length > 0 ||
        (gate.attempts.baseline.attempts > 0 && gate.attempts.candidate.attempts > 0))
    if (error instanceof NothingToCompareError && hasAttempts) return error
    return explained(() => {
      throw error
    })
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
