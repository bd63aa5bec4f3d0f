/** The results server's clock, as this page knows it. */
import { ClockEstimate, type Offset } from './clock-estimate'

/** Reads the remote clock: ms since 1970. */
export type ReadRemote = () => Promise<number>

const BURST_LENGTH = 8
const BURST_EVERY_MS = 10_000
const PAUSE_MS = 20

/** ms since 1970 by this machine, in fractions, never set back while the page lives. */
export function localTime(): number {
  return performance.timeOrigin + performance.now()
}

export class ServerClock {
  private readonly estimate = new ClockEstimate()
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Without a remote clock the local one is the truth: a page that submits nothing. */
  constructor(
    private readonly readRemote?: ReadRemote,
    private readonly local: () => number = localTime
  ) {}

  /** ms since 1970 by the server's clock. */
  now(): number {
    const local = this.local()
    return local + this.offsetAt(local).offset
  }

  /** Offset and bound of its error now, in ms. */
  offset(): Offset {
    return this.offsetAt(this.local())
  }

  get driftPpm(): number {
    return this.estimate.driftPpm
  }

  /** Measures the offset by a burst of round trips. Rejects when not one succeeds. */
  async synchronize(): Promise<void> {
    const { readRemote } = this
    if (!readRemote) return
    let failure: unknown
    let succeeded = 0
    for (let i = 0; i < BURST_LENGTH; i++) {
      if (i > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      try {
        const departure = this.local()
        const remote = await readRemote()
        this.estimate.add({ departure, remote, return: this.local() })
        succeeded++
      } catch (error) {
        failure = error
      }
    }
    if (succeeded === 0) throw failure
  }

  /** Synchronizes every 10 s until {@link stop}. While the server is away the error grows, as it should. */
  keepSynchronized(): void {
    this.timer = setTimeout(() => {
      void this.synchronize()
        .catch(() => undefined)
        .then(() => {
          if (this.timer !== undefined) this.keepSynchronized()
        })
    }, BURST_EVERY_MS)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private offsetAt(local: number): Offset {
    return this.readRemote ? this.estimate.at(local) : { offset: 0, error: 0 }
  }
}
