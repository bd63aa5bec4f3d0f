/** The server's clock, its health, and the description of its calls. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { makeOpenApi } from '../../protocol/openapi'
import type { ServerStatus } from '../../protocol/api-answers'
import type { Handlers } from '../http/register'
import type { Services } from './services'

/** Nanoseconds; sampled every 10 ms. */
const loopDelay = monitorEventLoopDelay({ resolution: 10 })

export function statusHandlers(services: Services) {
  const openApi = makeOpenApi(services.version)
  // Not before: loading the program is no delay of a request.
  loopDelay.enable()
  return {
    getTime: ({ response }) => {
      response.setHeader('Cache-Control', 'no-store')
      return { now: services.clock.now() }
    },
    getStatus: () => serverStatus(services),
    getOpenApi: () => openApi
  } satisfies Partial<Handlers>
}

function serverStatus({ store, clock, events, relay, durability, version }: Services): ServerStatus {
  return {
    ok: true,
    version,
    now: clock.now(),
    uptimeSeconds: process.uptime(),
    durability,
    tests: store.countByState(),
    ...store.counters,
    eventLoopDelayMs: { p99: loopDelay.percentile(99) / 1e6, max: loopDelay.max / 1e6 },
    eventStreams: events.openStreams,
    relay: relay?.status() ?? null
  }
}
