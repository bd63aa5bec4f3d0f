/** NaN without values. */
export const median = (values: readonly number[]): number => medianOfSorted([...values].sort((a, b) => a - b))

export function medianOfSorted(sorted: ArrayLike<number>): number {
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper]! : meanOf(sorted[upper - 1]!, sorted[upper]!)
}

/** Of opposite infinities, it is zero. */
export const meanOf = (a: number, b: number): number => (a === -b ? 0 : a / 2 + b / 2)
