/** Events at random intervals, drawn as needed. */

export interface Timetable {
  /** The instants up to `elapsed` that were not returned before, ascending. */
  due(elapsed: number): number[]
}

/** `nextPause` draws the ms from one event (or the start) to the next; above 0. */
export function timetable(nextPause: () => number): Timetable {
  let next = nextPause()
  return {
    due(elapsed) {
      const instants: number[] = []
      while (next <= elapsed) {
        instants.push(next)
        next += nextPause()
      }
      return instants
    }
  }
}
