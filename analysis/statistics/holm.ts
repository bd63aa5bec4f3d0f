/** Holm's step-down adjustment (1979), in the order given. The tests may depend on each other in any way. */
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
