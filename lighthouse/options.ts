import pino, { type Logger } from 'pino'

/** What the development Lighthouse calls itself in `/status`. */
export const LIGHTHOUSE_NAME = 'catalyst-development-lighthouse'

/** Raised whenever peers could notice a change, because results record it to keep unlike runs apart. */
export const LIGHTHOUSE_VERSION = '1.0.0'

export interface LighthouseOptions {
  /** Address to listen on. The default is reachable from this machine only; there is no authentication. */
  host: string
  /** TCP port; 0 takes a free one. */
  port: number
  /** A peer that sends no heartbeat for this long is disconnected, in ms. */
  heartbeatTimeout: number
  /** Peers with an open socket at the same time; the next one is refused. */
  maxPeers: number
  /** Users that one layer holds. */
  maxUsersPerLayer: number
  /** Peers that one island holds. */
  maxPeersPerIsland: number
  /** Peers at most this far apart (metres, on the XZ plane) come into one island. */
  islandJoinDistance: number
  /** An island is split where no chain of members leaves gaps of at most this many metres. */
  islandSplitDistance: number
  /** How often islands are rearranged, in ms. */
  islandFlushInterval: number
  /** Makes an id for a peer that brings none. */
  createId: () => string
  logger: Logger
}

export function withDefaults(options: Partial<LighthouseOptions>): LighthouseOptions {
  return {
    host: '127.0.0.1',
    port: 9000,
    heartbeatTimeout: 60_000,
    maxPeers: 5000,
    maxUsersPerLayer: 100,
    maxPeersPerIsland: 100,
    islandJoinDistance: 64,
    islandSplitDistance: 80,
    islandFlushInterval: 2000,
    createId: () => Math.random().toString(36).slice(2, 10),
    logger: createLogger(process.env.LOG_LEVEL ?? 'warn'),
    ...options
  }
}

/** Logs as JSON lines on stderr, so that stdout stays free for what the user asked to see. Throws on an unknown level. */
export function createLogger(level: string): Logger {
  return pino({ name: 'lighthouse', level }, pino.destination({ fd: 2, sync: true }))
}
