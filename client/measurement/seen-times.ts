/**
 * Which messages of one sender and kind have arrived. Their times strictly increase, so a sorted list
 * of the latest ones tells copies apart: about 8 bytes per message of the last {@link REMEMBERED_MS}.
 */

/** The libraries drop packets older than 20 s, so no first arrival is later than this. */
const REMEMBERED_MS = 30_000
/** Forgetting copies the list, so many entries are forgotten at once. */
const FORGET_AT_LEAST = 256

export class SeenTimes {
  private times: number[] = []

  /** True if `time` (ms) is new. Anything older than the memory counts as seen. */
  add(time: number): boolean {
    // From the end, because messages arrive almost in order.
    let index = this.times.length
    while (index > 0 && this.times[index - 1]! > time) index--
    if (this.times[index - 1] === time) return false
    const newest = this.times.at(-1)
    if (newest !== undefined && time < newest - REMEMBERED_MS) return false
    if (index === this.times.length) this.times.push(time)
    else this.times.splice(index, 0, time)
    this.forgetOld()
    return true
  }

  private forgetOld(): void {
    if (this.times.length <= FORGET_AT_LEAST) return
    const horizon = this.times.at(-1)! - REMEMBERED_MS
    if (this.times[FORGET_AT_LEAST]! >= horizon) return
    this.times = this.times.slice(this.times.findIndex((time) => time >= horizon))
  }
}
