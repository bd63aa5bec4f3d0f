/** Finds the largest amount that holds by trial: doubles until it breaks, then halves the gap. */

/** Remaining gap between what holds and what does not, as a share of what holds. */
const RESOLUTION = 0.1

/**
 * The largest amount up to `limit` for which `holds` is true, to within a tenth; 0 if not even `least` holds.
 * Assumes that if n breaks, everything above n breaks, too.
 */
export async function mostThatHolds(
  holds: (amount: number) => Promise<boolean>,
  { start, limit, least = 1 }: { start: number; limit: number; least?: number }
): Promise<number> {
  let [good, bad] = [least - 1, limit + 1]
  for (let next = Math.min(start, limit); bad - good > Math.max(1, good * RESOLUTION);) {
    if (await holds(next)) good = next
    else bad = next
    next = bad > limit ? Math.min(2 * good, limit) : Math.floor((good + bad) / 2)
  }
  return good < least ? 0 : good
}
