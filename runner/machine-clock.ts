/** The results server's clock as this runner knows it: one estimate, shared by all its tabs. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import type { OffsetBound, RoundTrip } from '../protocol/clock/clock-estimate'
import { SystemClockWatch } from '../protocol/clock/discipline'
import {
  byRoundTrips,
  localTime,
  ServerClock,
  type NextSharedBound,
  type SharedBound
} from '../protocol/clock/server-clock'
import { narrowed, offsetBySystem, type Claim, type SystemClock } from '../protocol/clock/system-clock'
import type { ResultsClient } from '../protocol/api-client'

/**
 * Returns the clock, which does not run yet, and what its tabs learn of it.
 *
 * @param id distinguishes this clock from other runners' clocks
 * @param tell receives one line if a system clock is not what it claims to be
 */
export function machineClock(
  client: ResultsClient,
  id: string,
  tell: (line: string) => void = () => undefined
): { clock: ServerClock; next: NextSharedBound } {
  const news = new EventEmitter<{ bound: [] }>().setMaxListeners(0)
  const system = new SystemClockWatch(localTime)
  let latest: SharedBound | undefined
  let remoteSystem: SystemClock | undefined
  let hasContradiction = false

  async function read(): Promise<RoundTrip> {
    const { system: reported, ...trip } = await timedReading(client)
    remoteSystem = reported
    return trip
  }

  const claimed = () => remoteSystem && offsetBySystem(system.read(), remoteSystem)

  /** Narrows the bound with the system clocks, unless the round trips contradict them. */
  function narrow(bound: OffsetBound): SharedBound {
    const shared = { id, bound, ahead: system.read().ahead }
    const claim = claimed()
    if (!claim || claim.error >= (bound.high - bound.low) / 2) return shared
    const both = narrowed(bound, claim, localTime())
    if (both) return { ...shared, bound: both }
    if (!hasContradiction) tell(contradiction(claim, bound))
    hasContradiction = true
    return shared
  }

  const source = byRoundTrips(
    () => alone(read),
    () => claimed()?.source === 'same system clock'
  )
  const clock = new ServerClock(id, async () => {
    latest = narrow(await source())
    news.emit('bound')
    return latest.bound
  })
  return {
    clock,
    next: async (seenAt) => {
      if (!latest || latest.bound.at === seenAt) await once(news, 'bound')
      return latest!
    }
  }
}

const contradiction = ({ offset, error, source }: Claim, { low, high }: OffsetBound) =>
  `The ${source} of this machine and the results server say that the server is ${offset.toFixed(1)} ± ${error.toFixed(1)} ms ahead, ` +
  `but round trips show ${low.toFixed(1)} to ${high.toFixed(1)} ms: one of the clocks is wrong, and only round trips are used`

let last: Promise<unknown> = Promise.resolve()

/** One at a time in this process: the channel does not say whose request it reports. */
function alone<T>(task: () => Promise<T>): Promise<T> {
  const turn = last.then(task)
  last = turn.catch(() => undefined)
  return turn
}

/**
 * Reads the server's clock. Node's fetch publishes on a channel
 * (https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md) when a request really left
 * and its answer arrived. That halves the time, and so the error, compared with waiting for the promise.
 */
async function timedReading(client: ResultsClient) {
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

const isReading = (message: unknown) =>
  (message as { request: { path: string } }).request.path.endsWith('/time')
