/** When periodic things are due. */

/**
 * Derives from the elapsed time how often a period was due, so that the rate is exact in the long run whatever the ticks
 * do. (Restarting a counter at each fire loses part of a tick every time: 8.9 a second instead of 10.)
 */
export class Pacer {
  private counted = 0

  /** First due at `phase`, then every `period`; all in ms. At most `maxCatchUp` at once are made up for after a delay. */
  constructor(
    private readonly period: number,
    private readonly phase: number,
    private readonly maxCatchUp = 5
  ) {}

  /** The instants that became due since the last call, up to `elapsed`, ascending. Of too many, the latest. */
  due(elapsed: number): number[] {
    const total = elapsed < this.phase ? 0 : Math.floor((elapsed - this.phase) / this.period) + 1
    const first = Math.max(this.counted, total - this.maxCatchUp)
    this.counted = Math.max(this.counted, total)
    const instants: number[] = []
    for (let index = first; index < total; index++) instants.push(this.phase + index * this.period)
    return instants
  }
}
