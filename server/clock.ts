/** The wall clock at process start, advanced by the monotonic one: its later steps move no timestamp. */
export class Clock {
  private ahead = 0

  constructor(private readonly source = () => performance.timeOrigin + performance.now()) {}

  /** Milliseconds since 1970, to the microsecond. */
  now(): number {
    return toMicrosecond(this.source() + this.ahead)
  }

  /** After a restart, it must not be behind the journals, even if the wall clock was set back meanwhile. */
  notBefore(instant: number): void {
    this.ahead = Math.max(this.ahead, instant - this.source())
  }
}

/** A double represents today's milliseconds to within 0.0003 ms, so whole microseconds stay distinct. */
export const toMicrosecond = (instant: number) => Math.round(instant * 1000) / 1000
