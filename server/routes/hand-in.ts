/** Waits for changes of a test, such as its peers' final results before it finishes. */
import type { Socket } from 'node:net'
import type { LiveTest } from '../store/live-test'

/** A page learns of the stop with its next data points, every 2 s, and waits 2 s for messages in flight. */
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

/**
 * Resolves when a change of the test reaches what is awaited, its results are stored, the time is up, or the
 * caller disconnects. Keeps no process alive.
 */
export function untilChanged(test: LiveTest, isReached: () => boolean, withinMs: number, caller?: Socket) {
  return new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      test.off('changed', onChange).off('stored', done)
      caller?.off('close', done)
      resolve()
    }
    const onChange = () => {
      if (isReached()) done()
    }
    const timer = setTimeout(done, withinMs).unref()
    // Only `stored` means that the results are on disk: a client waiting for the end may request them next.
    test.on('changed', onChange).on('stored', done)
    caller?.on('close', done)
    onChange()
  })
}
