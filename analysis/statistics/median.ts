/** NaN without values. */
export function median(values: readonly number[]): number {
  return medianOfSorted([...values].sort((a, b) => a - b))
}

export function medianOfSorted(sorted: ArrayLike<number>): number {
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper]! : meanOf(sorted[upper - 1]!, sorted[upper]!)
}

/** Of opposite infinities, it is zero. */
export function meanOf(a: number, b: number): number {
  return a === -b ? 0 : (a + b) / 2
}
