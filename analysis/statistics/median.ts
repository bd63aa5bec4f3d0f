/** The middle value, or the mean of the two middle values. NaN if there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted.length >> 1
  if (sorted.length % 2 === 1 || sorted[upper - 1] === sorted[upper]) return sorted[upper] ?? NaN
  return (sorted[upper - 1]! + sorted[upper]!) / 2
}
