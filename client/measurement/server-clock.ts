/** The results server's clock, as this page knows it. */
import { ClockEstimate, type Offset, type RoundTrip } from './clock-estimate'

/** Makes a round trip to the remote clock. */
export type ReadRemote = () => Promise<RoundTrip>

const BURST_LENGTH = 8
const PAUSE_MS = 20
/** Between bursts: until the drift is known to this many ppm, and from then on. */
const KNOWN_DRIFT_PPM = 30
const BURST_EVERY_MS = { first: 2000, then: 10_000 }

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
        this.estimate.add(await readRemote())
        succeeded++
      } catch (error) {
        failure = error
      }
    }
    if (succeeded === 0) throw failure
  }

  /** Synchronizes again and again until {@link stop}. While the server is away the error grows, as it should. */
  keepSynchronized(): void {
    const isSteady = this.estimate.driftErrorPpm < KNOWN_DRIFT_PPM
    this.timer = setTimeout(
      () => {
        void this.synchronize()
          .catch(() => undefined)
          .then(() => {
            if (this.timer !== undefined) this.keepSynchronized()
          })
      },
      isSteady ? BURST_EVERY_MS.then : BURST_EVERY_MS.first
    )
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private offsetAt(local: number): Offset {
    return this.readRemote ? this.estimate.at(local) : { offset: 0, error: 0 }
  }
}
