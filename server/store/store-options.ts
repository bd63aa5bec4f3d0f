import type { Logger } from 'pino'
import type { Clock } from '../clock'
import type { JournalOptions } from './journal'

export interface TestStoreOptions extends JournalOptions {
  folder: string
  clock: Clock
  runnerSilenceMs: number
  logger: Logger
  /**
   * Whether the journals of finished tests are kept until `TestStore.dropJournal`, because the relay may be
   * behind.
   */
  keepsJournals: boolean
}
