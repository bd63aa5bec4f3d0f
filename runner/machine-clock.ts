/** The results server's clock as this machine knows it: one estimate, shared by all its tabs. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { OffsetBound, RoundTrip } from '../protocol/clock/clock-estimate'
import { SystemClockWatch } from '../protocol/clock/discipline'
import { byRoundTrips } from '../protocol/clock/round-trips'
import { localTime, ServerClock } from '../protocol/clock/server-clock'
import type { SharedBound } from '../protocol/clock/shared-clock'
import { narrowed, offsetBySystem, type Claim, type SystemClock } from '../protocol/clock/system-clock'
import type { ResultsClient } from '../protocol/api-client'

export class MachineClock {
  private readonly clock: ServerClock
  private readonly news = new EventEmitter<{ bound: [] }>().setMaxListeners(0)
  private readonly system: SystemClockWatch
  private latest: SharedBound | undefined
  /** What the server last reported about its system clock. */
  private remoteSystem: SystemClock | undefined
  private hasContradiction = false

  /**
   * @param id distinguishes this clock from other machines' clocks
   * @param tell receives one line if a system clock is not what it claims to be
   */
  constructor(
    client: ResultsClient,
    private readonly id: string,
    private readonly tell: (line: string) => void = () => undefined,
    system = new SystemClockWatch(localTime)
  ) {
    this.system = system
    const source = byRoundTrips(
      () => alone(() => this.read(client)),
      () => this.claim()?.source === 'same system clock'
    )
    this.clock = new ServerClock(id, async () => {
      this.latest = this.narrow(await source())
      this.news.emit('bound')
      return this.latest.bound
    })
  }

  /** Resolves once the offset is known. Rejects if the server cannot be asked. */
  async start(): Promise<void> {
    await this.clock.start()
  }

  stop(): void {
    this.clock.stop()
  }

  /** ms since 1970 by the server's clock. */
  now(): number {
    return this.clock.now()
  }

  /**
   * The latest estimate, or the next one if the caller has seen the latest already. `seenAt` is its
   * `bound.at`.
   */
  async next(seenAt?: number): Promise<SharedBound> {
    if (!this.latest || this.latest.bound.at === seenAt) await once(this.news, 'bound')
    return this.latest!
  }

  private async read(client: ResultsClient): Promise<RoundTrip> {
    const { system, ...trip } = await timedReading(client)
    this.remoteSystem = system
    return trip
  }

  /** What the system clocks say about the offset. */
  private claim(): Claim | undefined {
    return this.remoteSystem && offsetBySystem(this.system.read(), this.remoteSystem)
  }

  /** Narrows the bound with the system clocks, unless the round trips contradict them. */
  private narrow(bound: OffsetBound): SharedBound {
    const shared = { id: this.id, bound, ahead: this.system.read().ahead }
    const claim = this.claim()
    if (!claim || claim.error >= (bound.high - bound.low) / 2) return shared
    const both = narrowed(bound, claim, localTime())
    if (both) return { ...shared, bound: both }
    this.complain(claim, bound)
    return shared
  }

  private complain({ offset, error, source }: Claim, { low, high }: OffsetBound): void {
    if (this.hasContradiction) return
    this.hasContradiction = true
    this.tell(
      `The ${source} of this machine and the results server say that the server is ${offset.toFixed(1)} ± ${error.toFixed(1)} ms ahead, ` +
        `but round trips show ${low.toFixed(1)} to ${high.toFixed(1)} ms: one of the clocks is wrong, and only round trips are used`
    )
  }
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs one task at a time in this process, which may hold several runners: the channel does not say whose
 * request it reports.
 */
function alone<T>(task: () => Promise<T>): Promise<T> {
  const turn = last.then(task)
  last = turn.catch(() => undefined)
  return turn
}

interface ClientMessage {
  request: { path: string }
}

/**
 * Reads the server's clock. Node's fetch publishes on a channel
 * (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md) when a request really left
 * and its answer arrived. That halves the time, and so the error, compared with waiting for the promise.
 */
async function timedReading(
  client: ResultsClient
): Promise<RoundTrip & { system?: SystemClock | undefined }> {
  let departure = localTime()
  let arrival: number | undefined
  const leaves = (message: unknown) => {
    if (isReading(message)) departure = localTime()
  }
  const comes = (message: unknown) => {
    if (isReading(message)) arrival = localTime()
  }
  subscribe('undici:client:sendHeaders', leaves)
  subscribe('undici:request:headers', comes)
  try {
    const { now, system } = await client.time()
    return { departure, return: arrival ?? localTime(), remote: now, system }
  } finally {
    unsubscribe('undici:client:sendHeaders', leaves)
    unsubscribe('undici:request:headers', comes)
  }
}

function isReading(message: unknown): boolean {
  return (message as ClientMessage).request.path.endsWith('/time')
}
