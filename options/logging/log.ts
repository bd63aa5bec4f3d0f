import pino, { type Logger } from 'pino'
import { LossyWriter } from './lossy-writer'

export interface Log {
  logger: Logger
  /**
   * Resolves once the waiting lines are written, after 1 s at the latest. Await this before the process
   * exits.
   */
  flush(): Promise<void>
}

/**
 * Logs JSON lines to stderr, so that stdout stays free for what the user asked to see. If the log cannot be
 * written, it loses lines and nothing else; pino's own destination would end the process or block it until
 * somebody reads.
 *
 * @throws on an unknown level
 */
export function openLog(level: string, name?: string): Log {
  const writer = new LossyWriter(2)
  return {
    logger: pino({ level, ...(name !== undefined && { name }) }, writer),
    flush: () => writer.flush()
  }
}
