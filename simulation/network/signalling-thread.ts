import type { Thread } from '../engine/thread'

/**
 * ms by which descriptions can queue up. Machines are infinitely fast: a page of 50 peers must not need so
 * long for its full mesh that the library gives up on its connections.
 */
const LONGEST_QUEUE_MS = 100

/**
 * Chromium has one signalling thread for all connections of a page. Descriptions that are asked for at once
 * are ready one after the other, so the peers that a newcomer dials do not hear from it in the same instant.
 */
export function signallingThread(thread: Thread) {
  let freeAt = 0
  /** Runs a task of the page after `milliseconds` of work. */
  return (milliseconds: number, task: () => void): void => {
    const { now } = thread.time
    freeAt = Math.min(Math.max(freeAt, now) + milliseconds, now + LONGEST_QUEUE_MS)
    thread.at(freeAt, task)
  }
}
