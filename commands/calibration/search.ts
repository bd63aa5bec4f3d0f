/** Finds how much holds by trying: doubling until it breaks, then halving the gap. */

/** The gap that is left between what holds and what does not, as a share of the former. */
const RESOLUTION = 0.1

/**
 * The most for which `holds` is true, from `start` up to `limit`, to a tenth; 0 where not even 1 holds. It takes for granted
 * that what breaks at n breaks at all above n.
 */
export async function mostThatHolds(
  holds: (amount: number) => Promise<boolean>,
  { start, limit }: { start: number; limit: number }
): Promise<number> {
  let good = 0
  let bad = limit + 1
  for (let next = Math.min(start, limit); bad - good > Math.max(1, good * RESOLUTION);) {
    if (await holds(next)) good = next
    else bad = next
    next = bad > limit ? Math.min(2 * good, limit) : Math.floor((good + bad) / 2)
    if (good === limit) break
  }
  return good
}
