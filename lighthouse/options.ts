import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { openLog } from '../options/logging/log'

/**
 * The name of this program. `/status` shows a different name, as real Lighthouses do: see
 * {@link LighthouseOptions.name}.
 */
export const LIGHTHOUSE_NAME = 'catalyst-development-lighthouse'

/**
 * Raised whenever peers could notice a change: results record it to tell runs with different Lighthouses
 * apart.
 */
export const LIGHTHOUSE_VERSION = '1.1.0'

const NAMES = ['aphrodite', 'apollo', 'artemis', 'athena', 'demeter', 'hera', 'hermes', 'poseidon', 'zeus']

export interface LighthouseOptions {
  /**
   * Address to listen on. The default is reachable only from this machine, because there is no
   * authentication.
   */
  host: string
  /** TCP port; 0 picks a free one. */
  port: number
  /** A peer that sends no heartbeat for this long is disconnected, in ms. */
  heartbeatTimeout: number
  /** A peer that does not answer the challenge for this long is disconnected, in ms. */
  validationTimeout: number
  /** Origins of public pages that may call, in addition to those of private networks; `*` for all. */
  allowedOrigins: readonly string[]
  /** Maximum number of peers with an open socket; the next one is refused. */
  maxPeers: number
  /** Maximum number of users in one layer. */
  maxUsersPerLayer: number
  /** Maximum number of peers in one island. */
  maxPeersPerIsland: number
  /** Peers at most this far apart (metres, on the XZ plane) join one island. */
  islandJoinDistance: number
  /** An island is split where no chain of members bridges it with gaps of at most this many metres. */
  islandSplitDistance: number
  /** How often islands are rearranged, in ms. */
  islandFlushInterval: number
  /** Name in `/status`. Real Lighthouses draw one too, so it identifies a server but never a build. */
  name: string
  /** Commit of this build, if known: `env.commitHash` in `/status`. */
  commitHash: string | undefined
  /** Creates an id for a peer that does not bring one. */
  createId: () => string
  /**
   * Creates the text that a peer is asked to sign; never empty, because clients never answer an empty one.
   */
  createChallenge: () => string
  logger: Logger
  /**
   * Changes what one peer sends to another before it is forwarded, for example to route their connection
   * through a relay. If it resolves with undefined, nothing is forwarded. By default, everything is forwarded
   * unchanged.
   */
  rewrite?: ((frame: { src: string; dst: string; payload?: unknown }) => Promise<unknown>) | undefined
}

export function withDefaults(given: Partial<LighthouseOptions>): LighthouseOptions {
  // Compose files set variables to an empty text.
  const { LOG_LEVEL = '', SUITE_COMMIT = '' } = process.env
  return {
    host: '127.0.0.1',
    port: 9000,
    heartbeatTimeout: 60_000,
    validationTimeout: 10_000,
    allowedOrigins: [],
    maxPeers: 5000,
    maxUsersPerLayer: 100,
    maxPeersPerIsland: 100,
    islandJoinDistance: 64,
    islandSplitDistance: 80,
    islandFlushInterval: 2000,
    name: NAMES[Math.floor(Math.random() * NAMES.length)]!,
    commitHash: SUITE_COMMIT === '' ? undefined : SUITE_COMMIT,
    createId: () => Math.random().toString(36).slice(2, 10),
    createChallenge: randomUUID,
    ...given,
    logger: given.logger ?? openLog(LOG_LEVEL === '' ? 'warn' : LOG_LEVEL, 'lighthouse').logger
  }
}
