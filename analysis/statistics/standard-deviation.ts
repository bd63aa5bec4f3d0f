/** Pooled over the groups, each around its own mean; null without any degrees of freedom. */
export function standardDeviation(groups: readonly (readonly number[])[]): number | null {
  const freedom = groups.reduce((sum, group) => sum + group.length - 1, 0)
  if (freedom < 1) return null
  const squares = groups.flatMap((group) => {
    const mean = group.reduce((sum, value) => sum + value, 0) / group.length
    return group.map((value) => (value - mean) ** 2)
  })
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / freedom)
}
