/** Says when periodic things are due. */

const NONE: readonly number[] = []

/**
 * Derives from the elapsed time how often a period was due, so the rate is exact in the long run whatever the
 * ticks do. (Restarting a counter whenever it fires loses part of a tick every time: 8.9 a second instead of
 * 10.)
 */
export class Pacer {
  private counted = 0

  /** First due at `phase`, then every `period`; all in ms. */
  constructor(
    private readonly period: number,
    private readonly phase: number
  ) {}

  /** The instants that became due since the last call, up to `elapsed`, ascending. */
  due(elapsed: number): readonly number[] {
    const total = elapsed < this.phase ? 0 : Math.floor((elapsed - this.phase) / this.period) + 1
    if (total <= this.counted) return NONE
    const instants: number[] = []
    for (let index = this.counted; index < total; index++) instants.push(this.phase + index * this.period)
    this.counted = total
    return instants
  }
}
