/**
 * Tests several metrics of few blocks together (Westfall & Young 1993, step-down maxT): each flip swaps a
 * block's builds for all metrics at once. Holm's adjustment multiplies each p-value, and with 5 blocks even
 * the smallest, 1/32, then exceeds 5%; here it stays 1/32 if no flip gives another metric as large a change.
 * The statistic is Σd ÷ √Σd²: the same for a change of any size that repeats in every block, lower for noise.
 *
 * @param columns each metric's changes by block: positive if the candidate is worse, 0 or empty if unknown
 * @returns adjusted one-sided p-values, in the order given; exact if swapping the builds of a block changes
 * nothing but the signs of its differences
 */
export function jointFlips(columns: readonly (readonly number[])[]): number[] {
  const blocks = Math.max(0, ...columns.map(({ length }) => length))
  const scaled = columns.map(unitLength)
  const observed = scaled.map((column) => sumOf(column, 0))
  const order = observed.map((_, index) => index).sort((a, b) => observed[b]! - observed[a]!)
  const atLeast = new Array<number>(columns.length).fill(0)
  for (let flip = 0; flip < 2 ** blocks; flip++) {
    let largest = -Infinity
    for (let step = order.length - 1; step >= 0; step--) {
      const metric = order[step]!
      largest = Math.max(largest, sumOf(scaled[metric]!, flip))
      if (largest >= observed[metric]! - 1e-9) atLeast[step]!++
    }
  }
  const adjusted = new Array<number>(columns.length)
  let largestSoFar = 0
  order.forEach((metric, step) => {
    largestSoFar = Math.max(largestSoFar, atLeast[step]! / 2 ** blocks)
    adjusted[metric] = largestSoFar
  })
  return adjusted
}

/** An infinite difference (a message that never arrives) counts as ten times the largest finite one. */
function unitLength(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite).map(Math.abs)
  const stand = 10 * Math.max(...finite, 1e-9)
  const bounded = values.map((value) => (Number.isFinite(value) ? value : Math.sign(value) * stand))
  const length = Math.hypot(...bounded)
  return length === 0 ? bounded : bounded.map((value) => value / length)
}

/** Σ of the values, with the sign of each value changed if its bit in `flip` is set. */
function sumOf(values: readonly number[], flip: number): number {
  return values.reduce((sum, value, index) => ((flip >> index) & 1 ? sum - value : sum + value), 0)
}
