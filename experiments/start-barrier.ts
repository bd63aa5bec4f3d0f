/** Starts tests at the same instant: each waits until the peers of all tests are ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultsClient } from '../protocol/api-client'

const LOOK_EVERY_MS = 50

/**
 * A barrier for tests that run at the same time. A test that ends before its peers are ready must leave, or
 * the others wait forever.
 */
export class StartBarrier {
  private readonly arrived = new Set<string>()
  private readonly waiting: (() => void)[] = []

  /** @param parties number of tests */
  constructor(private parties: number) {}

  /** Resolves when all tests that have not left have arrived. */
  arrive(id: string): Promise<void> {
    this.arrived.add(id)
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.open()
    })
  }

  /** Does nothing if the test has arrived. */
  leave(id: string): void {
    if (this.arrived.has(id)) return
    this.arrived.add(id)
    this.parties--
    this.open()
  }

  private open(): void {
    if (this.waiting.length >= this.parties) for (const go of this.waiting.splice(0)) go()
  }
}

/**
 * Does the work of a test. At a barrier, the test starts once its own peers and those of all others there are
 * ready.
 */
export async function startTogether<T>(
  barrier: StartBarrier | undefined,
  client: ResultsClient,
  { id, peers }: { id: string; peers: number },
  work: () => Promise<T>
): Promise<T> {
  if (barrier === undefined) return work()
  let hasEnded = false
  const start = async () => {
    while (!hasEnded) {
      const state = await client.getTest(id)
      if (state.peers.ready >= peers) {
        await barrier.arrive(id)
        await client.startTest(id)
        return
      }
      await sleep(LOOK_EVERY_MS)
    }
    barrier.leave(id)
  }
  // Runners report why a test cannot start.
  const started = start().catch(() => undefined)
  try {
    return await work()
  } finally {
    hasEnded = true
    await started
  }
}
