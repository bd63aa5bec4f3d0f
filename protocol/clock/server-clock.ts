/** This process's estimate of the results server's clock, and the sources that it follows. */
import {
  ClockEstimate,
  driftOf,
  middleAt,
  offsetAt,
  type ClockSourceName,
  type Offset,
  type OffsetBound,
  type RoundTrip
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

const BURST_LENGTH = 8
const BURST_PAUSE_MS = 20
/** Time between bursts: `first` until the drift is known to within this many ppm, `then` afterwards. */
const KNOWN_DRIFT_PPM = 10
const BURST_EVERY_MS = { first: 1000, then: 10_000 }

/**
 * Bursts of round trips, more often while less is known about the drift. `isOneKernel`: whether the remote
 * clock is of this machine's kernel, asked after the first burst. If so, that burst tells all, and single
 * round trips check it.
 */
export function byRoundTrips(readRemote: () => Promise<RoundTrip>, isOneKernel = () => false): ClockSource {
  const estimate = new ClockEstimate()
  let isFirst = true
  return async () => {
    const { errorPpm } = driftOf(estimate.bound)
    if (!isFirst) await idle(errorPpm < KNOWN_DRIFT_PPM ? BURST_EVERY_MS.then : BURST_EVERY_MS.first)
    await burst(estimate, readRemote, errorPpm === 0 ? 1 : BURST_LENGTH)
    if (isFirst && isOneKernel()) estimate.assumeNoDrift()
    isFirst = false
    return estimate.bound
  }
}

/** Rejects if no round trip succeeds. */
async function burst(estimate: ClockEstimate, readRemote: () => Promise<RoundTrip>, length: number) {
  let failure: unknown
  let succeeded = 0
  for (let i = 0; i < length; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, BURST_PAUSE_MS))
    try {
      estimate.add(await readRemote())
      succeeded++
    } catch (error) {
      failure = error
    }
  }
  if (succeeded === 0) throw failure
}

/** Does not keep a Node process alive, unlike a burst: somebody may wait for the first one. */
function idle(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, milliseconds)
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref()
  })
}

export interface SharedBound {
  /** Names the estimate. */
  id: string
  bound: OffsetBound
  /** System clock − the runner's local time, in ms. A page with a different value reads a different clock. */
  ahead?: number
}

/** For the runner's pages. Resolves immediately, or with the next estimate if `seenAt` is the latest. */
export type NextSharedBound = (seenAt?: number) => Promise<SharedBound>

/** The coarsest resolution at which browsers show the clock to pages, in ms. */
const RESOLUTION_MS = 0.1

/**
 * One estimate for all tabs of a machine: their own would differ by tenths of a millisecond, which every
 * latency between pages would contain.
 */
export function bySharing(next: NextSharedBound): ClockSource {
  let seenAt: number | undefined
  return async () => {
    const { bound } = await next(seenAt)
    seenAt = bound.at
    return bound
  }
}

/**
 * Whether both bounds can be right. They cannot if the machine's clock was set between the starts of the two
 * processes, because each counts on from what the clock showed when it started.
 */
export function agree(one: OffsetBound, other: OffsetBound, localTime: number): boolean {
  const [a, b] = [offsetAt(one, localTime), offsetAt(other, localTime)]
  return Math.abs(a.offset - b.offset) <= a.error + b.error + RESOLUTION_MS
}
