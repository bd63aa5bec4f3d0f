const NONE: readonly number[] = []

/**
 * Derives from the elapsed time how often a period was due, so the rate is exact in the long run whatever the
 * ticks do. (Restarting a counter whenever it fires loses part of a tick every time: 8.9 a second instead of
 * 10.) First due at `phase`, then every `period`; all in ms.
 *
 * @returns a function that gives the instants that became due since its last call, up to `elapsed`, ascending
 */
export function pacer(period: number, phase: number): (elapsed: number) => readonly number[] {
  let counted = 0
  return (elapsed) => {
    const total = elapsed < phase ? 0 : Math.floor((elapsed - phase) / period) + 1
    if (total <= counted) return NONE
    const instants: number[] = []
    for (; counted < total; counted++) instants.push(phase + counted * period)
    return instants
  }
}
