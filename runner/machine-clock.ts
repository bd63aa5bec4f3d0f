/** The results server's clock as this machine knows it: one estimate, which all its tabs share. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { OffsetBound, RoundTrip } from '../clock/clock-estimate'
import { byRoundTrips } from '../clock/round-trips'
import { localTime, ServerClock } from '../clock/server-clock'
import type { SharedBound } from '../clock/shared-clock'
import type { ResultsClient } from '../protocol/api-client'

export class MachineClock {
  private readonly clock: ServerClock
  private readonly news = new EventEmitter<{ bound: [] }>().setMaxListeners(0)
  private latest: OffsetBound | undefined

  /** @param id by which it is told from other machines' clocks */
  constructor(
    client: ResultsClient,
    private readonly id: string
  ) {
    const source = byRoundTrips(() => alone(() => timedReading(client)))
    this.clock = new ServerClock(id, async () => {
      this.latest = await source()
      this.news.emit('bound')
      return this.latest
    })
  }

  /** Resolves once the offset is known. Rejects where the server can't be asked. */
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

  /** What is known; where that is what was seen already, waits for the next. `seenAt` is its `bound.at`. */
  async next(seenAt?: number): Promise<SharedBound> {
    if (!this.latest || this.latest.at === seenAt) await once(this.news, 'bound')
    return { id: this.id, bound: this.latest! }
  }
}

let last: Promise<unknown> = Promise.resolve()

/** One after the other in this process, which may hold several runners: the channel does not tell whose request it speaks of. */
function alone<T>(task: () => Promise<T>): Promise<T> {
  const turn = last.then(task)
  last = turn.catch(() => undefined)
  return turn
}

interface ClientMessage {
  request: { path: string }
}

/**
 * Reads the server's clock. Node's fetch tells on a channel (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md)
 * when a request really left and its answer came: half the time, and half the error, of what its promise shows.
 */
async function timedReading(client: ResultsClient): Promise<RoundTrip> {
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
    const { now } = await client.time()
    return { departure, return: arrival ?? localTime(), remote: now }
  } finally {
    unsubscribe('undici:client:sendHeaders', leaves)
    unsubscribe('undici:request:headers', comes)
  }
}

function isReading(message: unknown): boolean {
  return (message as ClientMessage).request.path.endsWith('/time')
}
