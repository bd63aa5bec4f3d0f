/** Index of the first of `count` items for which `isBeyond` holds, as it must for all later ones. */
export function lowerBound(count: number, isBeyond: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBeyond(middle)) high = middle
    else low = middle + 1
  }
  return low
}
