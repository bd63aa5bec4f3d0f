/**
 * The server's clock: the wall-clock time at process start, advanced by the monotonic clock. A step of the
 * wall clock (NTP, an operator) therefore moves no timestamp. After a restart, the clock is never behind the
 * timestamps in the journals.
 */
export class Clock {
  private ahead = 0

  constructor(private readonly source = () => performance.timeOrigin + performance.now()) {}

  /** Milliseconds since 1970, to the microsecond. */
  now(): number {
    return toMicrosecond(this.source() + this.ahead)
  }

  /**
   * Makes sure that the clock is at `instant` or later, in case the wall clock was set back while the server
   * was down.
   */
  notBefore(instant: number): void {
    this.ahead = Math.max(this.ahead, instant - this.source())
  }
}

/** A double represents today's milliseconds to within 0.0003 ms, so whole microseconds stay distinct. */
export const toMicrosecond = (instant: number) => Math.round(instant * 1000) / 1000
