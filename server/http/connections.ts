import type { Server } from 'node:http'

/** Slow and idle connections are ended: a thousand of them would keep everyone else out. */
export function limitConnections(server: Server): void {
  server.headersTimeout = 10_000
  // A body of 4 MB over 1 Mbit/s.
  server.requestTimeout = 40_000
  server.keepAliveTimeout = 65_000
}
