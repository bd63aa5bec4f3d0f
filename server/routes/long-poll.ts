import type { Request } from 'express'
import type { LiveTest } from '../store/live-test'

/** Proxies cut off responses that take 30 s. */
const LONGEST_MS = 25_000

/** Resolves when the test reaches the state, after 25 s, or when the caller disconnects. */
export function waitFor(test: LiveTest, awaited: 'started' | 'finished', request: Request): Promise<void> {
  const isReached = () => (awaited === 'started' ? test.model.state !== 'created' : false)
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      test.off('changed', onChange)
      test.off('stored', done)
      request.socket.off('close', done)
      resolve()
    }
    const onChange = () => {
      if (isReached()) done()
    }
    const timer = setTimeout(done, LONGEST_MS)
    test.on('changed', onChange)
    // Only `stored` means that the results are on disk: a client waiting for the end may request them next.
    test.on('stored', done)
    request.socket.on('close', done)
    onChange()
  })
}
