/** Finishes tests that nobody else finishes: they are overdue, their runners ended, or the disk was full. */
import type { Logger } from 'pino'
import type { Clock } from './clock'
import type { LiveTest } from './store/live-test'
import type { TestStore } from './store/test-store'

const INTERVAL_MS = 1_000
/** Between preparations of results. The finish has to read what arrives after the last: a second is a lot. */
const PREPARATION_MS = 250
const RETRY_MS = 5_000
/** Runners that are alive but may hang get this many times longer. */
const PATIENCE_WITH_RUNNERS = 8

/** Returns a function that ends it. */
export function oversee(store: TestStore, clock: Clock, overdueMs: number, logger: Logger): () => void {
  // After a restart, clients get the same time to submit what they could not submit before.
  const begun = clock.now()
  /** When each test's finish may be retried, by the process's clock. */
  const retries = new WeakMap<LiveTest, number>()
  const timers = [setInterval(check, INTERVAL_MS), setInterval(() => store.prepareResults(), PREPARATION_MS)]
  return () => timers.forEach(clearInterval)

  function check(): void {
    for (const test of store.liveTests)
      if (isOverdue(test)) finish(test, 'it is overdue and no runner finishes it')
    for (const test of store.unwritten()) finish(test, 'its results file is not written yet')
  }

  function finish(test: LiveTest, why: string): void {
    if (performance.now() < (retries.get(test) ?? 0)) return
    retries.set(test, Infinity)
    logger.warn({ test: test.id }, `the server finishes the test: ${why}`)
    store.finish(test.id).catch((error: unknown) => {
      retries.set(test, performance.now() + RETRY_MS)
      logger.error({ test: test.id, err: error }, 'finishing failed; the server tries again in 5 s')
    })
  }

  function isOverdue(test: LiveTest): boolean {
    const { startsAt, settings, state, allEndedAt } = test.model
    if (state !== 'running' || startsAt === undefined) return false
    const overdueSince = (from: number) => clock.now() - Math.max(from, begun)
    // The program in charge, such as `npm start`, finishes the test before this deadline. As long as peers
    // report, a runner that claims to have ended cannot end their test.
    if (allEndedAt !== undefined && overdueSince(Math.max(allEndedAt, test.lastPointAt)) > overdueMs)
      return true
    if (settings.duration === undefined) return false
    const patience = test.countRunners().active > 0 ? PATIENCE_WITH_RUNNERS : 1
    return overdueSince(startsAt + settings.duration * 1000) > overdueMs * patience
  }
}
