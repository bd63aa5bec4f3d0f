/** This process's estimate of the results server's clock. */
import {
  driftOf,
  middleAt,
  offsetAt,
  type ClockSourceName,
  type Offset,
  type OffsetBound
} from './clock-estimate'

/** Resolves when anything is known of the remote clock, then when more is. Rejects if it cannot be read. */
export type ClockSource = () => Promise<OffsetBound>

/** Pause after a failure, so that a source that fails immediately is not asked in a tight loop. */
const PAUSE_MS = 1000

/** Read once: in browsers it costs as much as the clock. */
const { timeOrigin } = performance

/** ms since 1970 by this machine, with fractions, never set back during the life of the process. */
export const localTime = () => timeOrigin + performance.now()

export class ServerClock {
  private bound: OffsetBound | undefined
  private isStopped = false

  /** Without a source, the local clock is the reference. Clocks with the same `id` show the same time. */
  constructor(
    readonly id: string,
    private readonly follows?: ClockSource,
    private readonly local: () => number = localTime
  ) {}

  /** Resolves once the offset is known, and follows it until {@link stop}. `known`: what the source told. */
  async start(known?: OffsetBound): Promise<void> {
    if (!this.follows) return
    this.bound = known ?? (await this.follows())
    // If it ever stops following, the error grows.
    this.follow(this.follows).catch(() => undefined)
  }

  stop(): void {
    this.isStopped = true
  }

  /** ms since 1970 by the server's clock. */
  now(): number {
    const local = this.local()
    return this.bound ? local + middleAt(this.bound, local) : local
  }

  /** Current offset and the bound of its error, in ms. */
  offset(): Offset {
    return this.bound ? offsetAt(this.bound, this.local()) : { offset: 0, error: 0 }
  }

  /** What bounds the offset's error; round trips if nothing better is known. */
  get source(): ClockSourceName {
    return this.bound?.source ?? 'round trips'
  }

  /** How much faster the server's clock runs, in parts per million. */
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
}
