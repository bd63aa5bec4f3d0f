/** The server's clock, its health, and the description of its calls. */
import { makeOpenApi } from '../../protocol/openapi'
import type { ServerStatus } from '../../protocol/api-answers'
import type { Handlers } from '../http/register'
import type { Services } from './services'

export function statusHandlers(services: Services) {
  const openApi = makeOpenApi(services.version)
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
    eventStreams: events.openStreams,
    relay: relay?.status() ?? null
  }
}
