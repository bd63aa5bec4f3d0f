/** The results server's clock for this page: the runner's estimate where a runner opened the page, else the page's own. */
import type { OffsetBound } from '../clock/clock-estimate'
import { byRoundTrips, type ReadRemote } from '../clock/round-trips'
import { localTime, ServerClock } from '../clock/server-clock'
import { agree, bySharing } from '../clock/shared-clock'

const OWN_ID = Math.random().toString(36).slice(2)

/** A page without a results server: its own clock is the truth. */
export function ownClock(): ServerClock {
  return new ServerClock(OWN_ID)
}

/** Resolves when the offset is known. Rejects where the server can't be asked. */
export async function pageClock(readRemote: ReadRemote): Promise<ServerClock> {
  const source = byRoundTrips(readRemote)
  const clock = (await sharedClock(await source())) ?? new ServerClock(OWN_ID, source)
  await clock.start()
  return clock
}

/** Undefined where no runner shares its estimate, or where this page's clock is not the runner's (`own` tells). */
async function sharedClock(own: OffsetBound): Promise<ServerClock | undefined> {
  const { nextServerClock } = window
  if (!nextServerClock) return undefined
  const { id, bound } = await nextServerClock()
  return agree(own, bound, localTime()) ? new ServerClock(id, bySharing(nextServerClock)) : undefined
}
