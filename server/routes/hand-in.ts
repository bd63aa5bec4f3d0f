/** Lets the peers of a running test submit their final results before it finishes. */
import type { LiveTest } from '../store/live-test'
import { untilChanged } from './until-changed'

/**
 * A page learns of the stop with its next data points, every 2 s by default, and waits 2 s for messages in
 * flight.
 */
const HAND_IN_WITHIN_MS = 10_000

/** Asks the peers to stop. Resolves when all have submitted their results, or when the time is up. */
export function handIn(test: LiveTest, withinMs = HAND_IN_WITHIN_MS): Promise<void> {
  test.handIn ??= untilChanged(test, () => !isAwaited(test), withinMs).finally(() => {
    test.handIn = undefined
  })
  return test.handIn
}

/** Clients that never say that they are ready submit no results; neither do those whose runner has ended. */
function isAwaited(test: LiveTest): boolean {
  const { state, peers, runners } = test.state()
  const canAnswer = runners.length === 0 || test.countRunners().active > 0
  return (
    state === 'running' && canAnswer && peers.ready > 0 && peers.done < Math.max(peers.ready, peers.reporting)
  )
}
