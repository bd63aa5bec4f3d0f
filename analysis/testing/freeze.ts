/**
 * A page that freezes for 800 ms every 20 s, first after 12 s. It sends messages due in a freeze afterwards.
 */
const EVERY_MS = 20_000
const LASTS_MS = 800
const FIRST_MS = 12_000

/**
 * How long a message due during a freeze waits for the freeze to end. For `sendLateness`; ms since the start.
 */
export function leftOfFreeze(_peer: number, due: number): number {
  const since = (due - FIRST_MS) % EVERY_MS
  return due >= FIRST_MS && since < LASTS_MS ? LASTS_MS - since : 0
}
