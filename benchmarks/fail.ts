/** Reports that a benchmark failed: for `main().catch(fail)`. */
export function fail(error: unknown): void {
  console.error(error)
  process.exitCode = 1
}
