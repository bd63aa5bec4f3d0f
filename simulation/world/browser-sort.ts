/**
 * The libraries choose which peers to dial by sorting with a random comparator. The result then depends on
 * which elements the engine compares, and in which order: V8 11.3 (Node 20) looks for runs first (TimSort),
 * while Chromium 156 sorts up to 15 elements by plain binary insertion. This makes arrays sort as in Chromium
 * 156; a consistent comparator sees no difference. e2e/simulation-sort.e2e.test.ts counts the comparisons in
 * a real Chromium, for 2 to 64 elements.
 */
const LONGEST = 15

type Compare = (a: unknown, b: unknown) => number

/** Replaces the sorting of arrays in the whole realm. */
export function sortAsChromium(): void {
  const original = Array.prototype.sort
  const sort = function (this: unknown[], compare?: Compare): unknown[] {
    if (compare === undefined || !Array.isArray(this) || !isWhole(this))
      return original.call(this, compare) as unknown[]
    // No comparator is asked about what is undefined, which comes last.
    const known = this.filter((each) => each !== undefined)
    if (known.length > LONGEST) return original.call(this, compare) as unknown[]
    for (let next = 1; next < known.length; next++) insert(known, next, compare)
    for (let index = 0; index < this.length; index++) this[index] = known[index]
    return this
  }
  Array.prototype.sort = sort as typeof original
  Array.prototype.toSorted = function <T>(this: T[], compare?: (a: T, b: T) => number): T[] {
    return Array.from(this).sort(compare)
  }
}

/** Whether no element is missing: what is missing stays so, at the end. */
function isWhole(array: readonly unknown[]): boolean {
  for (let index = 0; index < array.length; index++) if (!(index in array)) return false
  return true
}

/** Moves the element at `next` to its position among those before it, after any equal ones. */
function insert(array: unknown[], next: number, compare: Compare): void {
  const element = array[next]
  let low = 0
  let high = next
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(element, array[middle]) < 0) high = middle
    else low = middle + 1
  }
  array.copyWithin(low + 1, low, next)
  array[low] = element
}
