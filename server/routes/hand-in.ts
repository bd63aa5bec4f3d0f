/** Lets the peers of a running test submit their final results before it finishes. */
import type { Acknowledgement } from '../../protocol/api-answers'
import type { LiveTest } from '../store/live-test'
import { untilChanged } from './until-changed'

/**
 * A page learns of the stop with its next data points, every 2 s by default, and waits 2 s for messages in
 * flight.
 */
const HAND_IN_WITHIN_MS = 10_000

export class HandIn {
  private readonly pending = new Map<LiveTest, Promise<void>>()

  constructor(private readonly withinMs = HAND_IN_WITHIN_MS) {}

  /** Asks the peers to stop. Resolves when all have submitted their results, or when the time is up. */
  request(test: LiveTest): Promise<void> {
    let handedIn = this.pending.get(test)
    if (!handedIn) {
      handedIn = untilChanged(test, () => !isAwaited(test), this.withinMs).finally(() =>
        this.pending.delete(test)
      )
      this.pending.set(test, handedIn)
    }
    return handedIn
  }

  /** Adds the request to stop to what a peer or runner is answered. */
  async tell<Answer extends Acknowledgement>(test: LiveTest, answer: Promise<Answer>): Promise<Answer> {
    const acknowledgement = await answer
    return this.pending.has(test) ? { ...acknowledgement, stop: true } : acknowledgement
  }
}

/** Clients that never say that they are ready submit no results; neither do those whose runner has ended. */
function isAwaited(test: LiveTest): boolean {
  const { state, peers, runners } = test.state()
  const canAnswer = runners.length === 0 || test.countRunners().active > 0
  return (
    state === 'running' && canAnswer && peers.ready > 0 && peers.done < Math.max(peers.ready, peers.reporting)
  )
}
