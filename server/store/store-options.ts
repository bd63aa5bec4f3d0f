import type { Logger } from 'pino'
import type { Clock } from '../clock'
import type { Durability } from './journal'

export interface TestStoreOptions {
  folder: string
  durability: Durability
  clock: Clock
  runnerSilenceMs: number
  logger: Logger
  /**
   * Whether the journals of finished tests are kept until `TestStore.dropJournal`, because the relay may be
   * behind.
   */
  keepsJournals: boolean
}
