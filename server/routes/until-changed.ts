import type { Socket } from 'node:net'
import type { LiveTest } from '../store/live-test'

/**
 * Resolves when a change of the test reaches what is awaited, when its results are stored, when the time is
 * up, or when the caller disconnects. Keeps no process alive.
 */
export function untilChanged(
  test: LiveTest,
  isReached: () => boolean,
  withinMs: number,
  caller?: Socket
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      test.off('changed', onChange)
      test.off('stored', done)
      caller?.off('close', done)
      resolve()
    }
    const onChange = () => {
      if (isReached()) done()
    }
    const timer = setTimeout(done, withinMs).unref()
    test.on('changed', onChange)
    // Only `stored` means that the results are on disk: a client waiting for the end may request them next.
    test.on('stored', done)
    caller?.on('close', done)
    onChange()
  })
}
