/** When a routine has something to do: instants in ms from its start. */

/** Gives the instants that became due since the last call, up to `elapsed`, ascending. */
type DueUntil = (elapsed: number) => readonly number[]

const NONE: readonly number[] = []

/**
 * First at `phase`, then every `period`. The instants derive from their number, so the rate is exact in the
 * long run whatever the ticks do. (A counter restarted whenever it fires loses part of a tick every time: 8.9
 * a second instead of 10.)
 */
export function pacer(period: number, phase: number): DueUntil {
  let counted = 0
  return instants(() => phase + counted++ * period)
}

/** Random events. `nextPause` draws the ms from one (or the start) to the next; above 0. */
export function timetable(nextPause: () => number): DueUntil {
  let last = 0
  return instants(() => (last += nextPause()))
}

function instants(following: () => number): DueUntil {
  let next = following()
  return (elapsed) => {
    if (next > elapsed) return NONE
    const due: number[] = []
    for (; next <= elapsed; next = following()) due.push(next)
    return due
  }
}
