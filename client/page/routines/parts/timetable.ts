/**
 * Gives the instants of random events up to `elapsed` that it has not given before, ascending. `nextPause`
 * draws the ms from one event (or the start) to the next; above 0.
 */
export function timetable(nextPause: () => number): (elapsed: number) => number[] {
  let next = nextPause()
  return (elapsed) => {
    const instants: number[] = []
    while (next <= elapsed) {
      instants.push(next)
      next += nextPause()
    }
    return instants
  }
}
