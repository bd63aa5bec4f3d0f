/** The results server's clock, as this process knows it. */
import { driftOf, offsetAt, type Offset, type OffsetBound } from './clock-estimate'

/**
 * Tells what is known of the remote clock: at the first call as soon as anything is, then each time that more is known. Rejects
 * while the remote clock can't be read.
 */
export type ClockSource = () => Promise<OffsetBound>

/** After a failure, so that a source that fails at once is not asked without end. */
const PAUSE_MS = 1000

/** ms since 1970 by this machine, in fractions, never set back while the process lives. */
export function localTime(): number {
  return performance.timeOrigin + performance.now()
}

export class ServerClock {
  private bound: OffsetBound | undefined
  private isStopped = false

  /**
   * Without a source the local clock is the truth: a page that submits nothing.
   * @param id of whose estimate it is: clocks of one id show the same time at the same instant
   */
  constructor(
    readonly id: string,
    private readonly source?: ClockSource,
    private readonly local: () => number = localTime
  ) {}

  /** Resolves once the offset is known, and follows it until {@link stop}; while the server is away the error grows, as it should. */
  async start(): Promise<void> {
    if (!this.source) return
    this.bound = await this.source()
    void this.follow(this.source)
  }

  stop(): void {
    this.isStopped = true
  }

  /** ms since 1970 by the server's clock. */
  now(): number {
    const local = this.local()
    return local + this.offsetAt(local).offset
  }

  /** Offset and bound of its error now, in ms. */
  offset(): Offset {
    return this.offsetAt(this.local())
  }

  /** Parts per million by which the server's clock runs faster. */
  get driftPpm(): number {
    return this.bound ? driftOf(this.bound).ppm : 0
  }

  private async follow(source: ClockSource): Promise<void> {
    while (!this.isStopped) {
      try {
        this.bound = await source()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  private offsetAt(local: number): Offset {
    return this.bound ? offsetAt(this.bound, local) : { offset: 0, error: 0 }
  }
}
