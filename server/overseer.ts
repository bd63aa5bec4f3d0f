/**
 * Finishes tests that nobody else will finish: their time is over, all their runners have ended, or the disk
 * was full.
 */
import type { Logger } from 'pino'
import type { Clock } from './clock'
import type { LiveTest } from './store/live-test'
import type { TestStore } from './store/test-store'

const INTERVAL_MS = 1_000
/**
 * Interval between preparations of results. Data that arrives after the last one is left for the finish, and
 * a second of a large test is a lot.
 */
const PREPARATION_MS = 250
/** How long to wait before retrying a failed finish. */
const RETRY_MS = 5_000
/** Runners that are alive but may hang get this many times longer. */
const PATIENCE_WITH_RUNNERS = 8

export class Overseer {
  private readonly timers: NodeJS.Timeout[]
  private readonly begun: number
  /** When each test's finish may be retried, by the process's clock. */
  private readonly retries = new WeakMap<LiveTest, number>()

  constructor(
    private readonly store: TestStore,
    private readonly clock: Clock,
    private readonly overdueMs: number,
    private readonly logger: Logger
  ) {
    // After a restart, clients get the same time to submit what they could not submit before.
    this.begun = clock.now()
    this.timers = [
      setInterval(() => this.check(), INTERVAL_MS),
      setInterval(() => this.store.prepareResults(), PREPARATION_MS)
    ]
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer)
  }

  private check(): void {
    for (const test of this.store.liveTests) {
      test.reportLostRunners()
      if (this.isOverdue(test)) this.finish(test, 'it is overdue and no runner finishes it')
    }
    for (const test of this.store.unwritten()) this.finish(test, 'its results file is not written yet')
  }

  private finish(test: LiveTest, why: string): void {
    if (performance.now() < (this.retries.get(test) ?? 0)) return
    this.retries.set(test, Infinity)
    this.logger.warn({ test: test.id }, `the server finishes the test: ${why}`)
    this.store.finish(test.id).catch((error: unknown) => {
      this.retries.set(test, performance.now() + RETRY_MS)
      this.logger.error({ test: test.id, err: error }, 'finishing failed; the server tries again in 5 s')
    })
  }

  private isOverdue(test: LiveTest): boolean {
    const { startsAt, settings, state, allEndedAt } = test.model
    if (state !== 'running' || startsAt === undefined) return false
    const overdueSince = (from: number) => this.clock.now() - Math.max(from, this.begun)
    // The program in charge, such as `npm start`, finishes the test before this deadline. As long as peers
    // report, a runner that claims to have ended cannot end their test.
    if (allEndedAt !== undefined && overdueSince(Math.max(allEndedAt, test.lastPointAt)) > this.overdueMs)
      return true
    if (settings.duration === undefined) return false
    const patience = test.countRunners().active > 0 ? PATIENCE_WITH_RUNNERS : 1
    return overdueSince(startsAt + settings.duration * 1000) > this.overdueMs * patience
  }
}
