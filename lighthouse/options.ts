import type { Logger } from 'pino'
import { openLog } from '../cli/logging/log'

/** Of this program. `/status` shows another, as real Lighthouses do: see {@link LighthouseOptions.name}. */
export const LIGHTHOUSE_NAME = 'catalyst-development-lighthouse'

/** Raised whenever peers could notice a change: results record it to tell such runs apart. */
export const LIGHTHOUSE_VERSION = '1.1.0'

const NAMES = ['aphrodite', 'apollo', 'artemis', 'athena', 'demeter', 'hera', 'hermes', 'poseidon', 'zeus']

export const DEFAULTS = {
  /** To listen on. The default is reachable only from this machine: there is no authentication. */
  host: '127.0.0.1',
  /** TCP port; 0 picks a free one. */
  port: 9000,
  /** A peer that sends no heartbeat for this long is disconnected, in ms. */
  heartbeatTimeout: 60_000,
  /** A peer that does not answer the challenge for this long is disconnected, in ms. */
  validationTimeout: 10_000,
  /** Origins of public pages that may call, in addition to those of private networks; `*` for all. */
  allowedOrigins: [] as readonly string[],
  maxPeers: 5000,
  maxUsersPerLayer: 100,
  maxPeersPerIsland: 100,
  /** Peers at most this far apart (metres, on the XZ plane) join one island. */
  islandJoinDistance: 64,
  /** An island is split where no chain of members bridges it with gaps of at most this many metres. */
  islandSplitDistance: 80,
  /** How often islands are rearranged, in ms. */
  islandFlushInterval: 2000
}

export type LighthouseOptions = typeof DEFAULTS & {
  /** In `/status`. As real ones, each start draws one, never a build's: runners notice a restart by it. */
  name: string
  /** Commit of this build, if known: `env.commitHash` in `/status`. */
  commitHash: string | undefined
  logger: Logger
  /**
   * Resolves to the payload to forward instead, such as one with a relay's address, or to undefined to
   * forward nothing. By default, everything is forwarded unchanged.
   */
  rewrite?: ((frame: { src: string; dst: string; payload?: unknown }) => Promise<unknown>) | undefined
}

export function withDefaults(given: Partial<LighthouseOptions>): LighthouseOptions {
  // Compose files set variables to an empty text.
  const { LOG_LEVEL = '', SUITE_COMMIT = '' } = process.env
  return {
    ...DEFAULTS,
    name: [1, 2, 3].map(() => NAMES[Math.floor(Math.random() * NAMES.length)]).join(''),
    commitHash: SUITE_COMMIT === '' ? undefined : SUITE_COMMIT,
    ...given,
    logger: given.logger ?? openLog(LOG_LEVEL === '' ? 'warn' : LOG_LEVEL, 'lighthouse').logger
  }
}
