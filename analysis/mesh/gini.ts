/**
 * Of amounts ≥ 0: 0 if all are equal, near 1 if one has everything; null if there is nothing to share. From
 * the sorted amounts: Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ) (Sen 1973).
 */
export function gini(amounts: Iterable<number>): number | null {
  const sorted = Float64Array.from(amounts).sort()
  const count = sorted.length
  let total = 0
  let weighted = 0
  sorted.forEach((amount, index) => {
    total += amount
    weighted += (2 * (index + 1) - count - 1) * amount
  })
  return total > 0 ? weighted / (count * total) : null
}
