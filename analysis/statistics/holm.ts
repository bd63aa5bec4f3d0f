/**
 * Holm's step-down adjustment (Holm 1979): with the adjusted p-values, the probability of even one false
 * alarm among all these tests stays within the level, however the tests depend on each other.
 * @returns the adjusted p-values, in the order given
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length)
  let largestSoFar = 0
  const smallestFirst = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  smallestFirst.forEach(({ p, index }, step) => {
    largestSoFar = Math.max(largestSoFar, Math.min(1, p * (pValues.length - step)))
    adjusted[index] = largestSoFar
  })
  return adjusted
}
