/** For tests: throws unless the values are equal up to rounding or simulation error. */
export function assertClose(actual: number | null | undefined, expected: number, tolerance = 1e-9): void {
  if (actual != null && Math.abs(actual - expected) <= tolerance) return
  throw new Error(`${actual ?? 'nothing'} is not within ${tolerance} of ${expected}`)
}
