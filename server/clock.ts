/**
 * The server's clock: the wall clock's time at the start of the process, counted on by the monotonic one, so that a step
 * of the wall clock (NTP, an operator) moves no timestamp. After a restart it never stands before what the journals hold.
 */
export class Clock {
  private ahead = 0

  constructor(private readonly source = () => performance.timeOrigin + performance.now()) {}

  /** Milliseconds since 1970, to the microsecond. */
  now(): number {
    return toMicrosecond(this.source() + this.ahead)
  }

  /** From now on the clock stands at `instant` or later: the wall clock was set back while the server was away. */
  notBefore(instant: number): void {
    this.ahead = Math.max(this.ahead, instant - this.source())
  }
}

/** Doubles hold today's milliseconds to 0.0003 ms: a whole microsecond is told from its neighbours. */
export const toMicrosecond = (instant: number) => Math.round(instant * 1000) / 1000
