/** The server's clock and health, and the OpenAPI document. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { SystemClockWatch } from '../../protocol/clock/discipline'
import { makeOpenApi } from '../openapi'
import type { ServerStatus } from '../../protocol/api-answers'
import type { Handlers } from '../http/register'
import { registryOf } from '../metrics/exposition'
import type { Services } from './services'

/** Nanoseconds; sampled every 10 ms. */
const loopDelay = monitorEventLoopDelay({ resolution: 10 })

export function statusHandlers(services: Services) {
  const { store, clock, access, events, relay, durability, version } = services
  // Built on demand: they would take a third of the server's startup time.
  let openApi: string | undefined
  let registry: ReturnType<typeof registryOf> | undefined
  const systemClock = new SystemClockWatch(() => clock.now())
  // Enabled only now: loading the program delays no request.
  loopDelay.enable()
  return {
    getTime: ({ response }) => {
      response.setHeader('Cache-Control', 'no-store')
      return { now: clock.now(), system: systemClock.read() }
    },
    getStatus: ({ request }): ServerStatus => ({
      ok: true,
      version,
      now: clock.now(),
      uptimeSeconds: process.uptime(),
      durability,
      tests: store.countByState(),
      ...store.counters,
      eventLoopDelayMs: { p99: loopDelay.percentile(99) / 1e6, max: loopDelay.max / 1e6 },
      eventStreams: events.openStreams,
      relay: relay?.status() ?? null,
      access: access.levelOf(request) ?? null
    }),
    getMetrics: async ({ response }) => {
      registry ??= registryOf(services)
      response.type(registry.contentType).send(await registry.metrics())
    },
    getOpenApi: ({ response }) => {
      response.type('json').send((openApi ??= JSON.stringify(makeOpenApi(version))))
    }
  } satisfies Partial<Handlers>
}
