/** Starts tests at the same instant: each waits until the peers of all tests are ready. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultsClient } from '../protocol/api-client'

const LOOK_EVERY_MS = 50

/** One test's side of a barrier. It must leave at its end: if its peers never were ready, others wait. */
export interface StartBarrier {
  /** Resolves when all tests have arrived or left. */
  arrive(): Promise<void>
  leave(): void
}

export function startBarriers(tests: number): StartBarrier[] {
  const leave: (() => void)[] = []
  const all = Promise.all(Array.from({ length: tests }, () => new Promise<void>((go) => leave.push(go))))
  return leave.map((go) => ({
    arrive: async () => {
      go()
      await all
    },
    leave: go
  }))
}

/** At a barrier, the test starts once its own peers and those of all others there are ready. */
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
        await barrier.arrive()
        await client.startTest(id)
        return
      }
      await sleep(LOOK_EVERY_MS)
    }
    barrier.leave()
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
