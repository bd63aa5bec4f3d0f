/** How a run of the tests ends: where its time went, what failed, what is void, and the counts. */
import type { Failure } from './test-process'

/** A measurement on a busy machine says nothing about the product (e2e/support/quiet.ts). */
const isVoid = ({ reason }: Failure) => reason.startsWith('void')

/** Node's newer reporters tell nothing else of what was not equal. */
const inLine = (reason: string) => reason.replaceAll(/\s+/g, ' ').slice(0, 300)

/** The last line is `N passed, N failed`. Void tests count as failed: whether they would pass is unknown. */
export function endLines(passed: number, failures: readonly Failure[]): string {
  const voids = failures.filter(isVoid)
  const others = failures.filter((failure) => !isVoid(failure))
  return [
    ...others.map(({ test, reason }) => `✖ ${test}: ${inLine(reason)}`),
    ...voids.map(({ test, reason }) => `✖ ${test}: ${reason}`),
    ...(voids.length > 0 ? [`${voids.length} of the failed are void: run them on a quiet machine`] : []),
    `${passed} passed, ${failures.length} failed`
  ].join('\n')
}

/** 3 if only void results keep the run from passing, as in all programs here. */
export function exitCode(passed: number, failures: readonly Failure[]): number {
  if (failures.length === 0) return passed > 0 ? 0 : 1
  return failures.every(isVoid) ? 3 : 1
}

const SHOWN = 10

/** A table of the slowest files and the total, from files and their seconds. */
export function whereTimeWent(files: readonly (readonly [string, number])[]): string {
  const slowest = [...files].sort(([, a], [, b]) => b - a).slice(0, SHOWN)
  const total = files.reduce((sum, [, seconds]) => sum + seconds, 0)
  const line = (seconds: number, what: string) => `${seconds.toFixed(1).padStart(8)} s  ${what}`
  return [
    'Slowest files:',
    ...slowest.map(([file, seconds]) => line(seconds, file)),
    line(total, `sum of all files (${files.length})`)
  ].join('\n')
}
