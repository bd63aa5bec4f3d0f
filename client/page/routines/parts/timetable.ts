const NONE: readonly number[] = []

/** The returned function gives the new instants up to `elapsed`; `next` tells them one by one, ascending. */
export function timetable(next: () => number): (elapsed: number) => readonly number[] {
  let coming = next()
  return (elapsed) => {
    if (coming > elapsed) return NONE
    const due: number[] = []
    for (; coming <= elapsed; coming = next()) due.push(coming)
    return due
  }
}

/**
 * First due at `phase`, then every `period` ms, exactly in the long run whatever the ticks do: a counter
 * restarted whenever it fires would lose part of a tick every time, 8.9 a second instead of 10.
 */
export function pacer(period: number, phase: number) {
  let count = 0
  return timetable(() => phase + count++ * period)
}
