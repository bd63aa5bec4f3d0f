/** Ends tests that nobody else will end: their time is over, or all their runners have ended. */
import type { Logger } from 'pino'
import type { Clock } from '../clock'
import type { LiveTest } from './live-test'
import type { TestStore } from './test-store'

const INTERVAL_MS = 1_000
/** Runners that are alive, but hang, are waited for so many times longer. */
const PATIENCE_WITH_RUNNERS = 8

export class Overseer {
  private readonly timer: NodeJS.Timeout
  private readonly begun: number

  constructor(
    private readonly store: TestStore,
    private readonly clock: Clock,
    private readonly overdueMs: number,
    private readonly logger: Logger
  ) {
    // After a restart, clients get the same time to hand in what they could not.
    this.begun = clock.now()
    this.timer = setInterval(() => {
      this.look()
    }, INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    for (const test of this.store.liveTests) {
      test.tellLostRunners()
      if (!this.isOverdue(test)) continue
      this.logger.warn({ test: test.id }, 'the test is overdue and no runner finishes it: the server does')
      this.store.finish(test.id).catch((error: unknown) => {
        this.logger.error(
          { test: test.id, err: error },
          'finishing an overdue test failed; it is tried again'
        )
      })
    }
  }

  private isOverdue(test: LiveTest): boolean {
    const { startsAt, settings, state, allEndedAt } = test.model
    if (state !== 'running' || startsAt === undefined) return false
    const overdueSince = (from: number) => this.clock.now() - Math.max(from, this.begun)
    // Whoever is to finish the test, such as `npm start`, does so before this.
    if (allEndedAt !== undefined && overdueSince(allEndedAt) > this.overdueMs) return true
    if (settings.duration === undefined) return false
    const patience = test.hasActiveRunners() ? PATIENCE_WITH_RUNNERS : 1
    return overdueSince(startsAt + settings.duration * 1000) > this.overdueMs * patience
  }
}
