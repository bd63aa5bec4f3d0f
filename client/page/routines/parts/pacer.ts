const NONE: readonly number[] = []

/**
 * Gives the instants that became due since the last call, up to `elapsed`, ascending: first at `phase`, then
 * every `period`; all in ms. It derives from the elapsed time how many are due, so the rate is exact in the
 * long run whatever the ticks do. (A counter restarted whenever it fires loses part of a tick every time: 8.9
 * a second instead of 10.)
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
