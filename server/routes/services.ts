import type { Logger } from 'pino'
import type { Clock } from '../clock'
import type { AccessControl } from '../http/access'
import type { ComparisonFiles } from '../comparisons'
import type { TestStore } from '../store/test-store'
import type { EventStreams } from '../events/event-streams'
import type { Durability } from '../store/journal'
import type { startRelay } from '../influx/relay'
import type { TestFigures } from '../metrics/test-figures'
import type { HandIn } from './hand-in'

export interface Services {
  store: TestStore
  handIn: HandIn
  figures: TestFigures
  comparisons: ComparisonFiles
  clock: Clock
  access: AccessControl
  events: EventStreams
  relay: ReturnType<typeof startRelay> | undefined
  durability: Durability
  version: string
  logger: Logger
}
