/** Tests at the same time: each waits until the peers of all are ready, and all must overlap. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultsClient } from '../protocol/api-client'
import type { Execution } from './campaign'
import type { Plan, PlannedRun } from './plan'

const LOOK_EVERY_MS = 50

/** One test's side of a barrier. It must leave at its end: if its peers never were ready, others wait. */
export interface StartBarrier {
  /** Resolves when all tests have arrived or left. */
  arrive(): Promise<void>
  leave(): void
}

/** The side of each test. */
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

/** Does a test's work. At a barrier, the test starts once its own peers and those of all others are ready. */
export async function startTogether<T>(
  barrier: StartBarrier | undefined,
  client: ResultsClient,
  { id, peers }: { id: string; peers: number },
  work: () => Promise<T>
): Promise<T> {
  if (barrier === undefined) return work()
  let hasEnded = false
  const start = async () => {
    while (!hasEnded && (await client.getTest(id)).peers.ready < peers) await sleep(LOOK_EVERY_MS)
    await barrier.arrive()
    if (!hasEnded) await client.startTest(id)
  }
  // Runners report why a test cannot start.
  start().catch(() => undefined)
  return work().finally(() => (hasEnded = true))
}

/** Rejects only when all runs have ended, so no run loses what it needs. Several start at a barrier. */
export async function executeTogether(
  plan: Plan,
  runs: readonly PlannedRun[],
  execute: (run: PlannedRun, id: string, barrier: StartBarrier | undefined) => Promise<Execution>
): Promise<Execution[]> {
  const barriers = runs.length > 1 ? startBarriers(runs.length) : []
  const work = runs.map((run, index) =>
    // One that fails before its peers are ready would keep the others waiting.
    execute(run, testIdOf(plan, run), barriers[index]).finally(() => barriers[index]?.leave())
  )
  await Promise.allSettled(work)
  return checkOverlap(await Promise.all(work))
}

/** Names the test. The suffix distinguishes it from a test that a crash interrupted. */
function testIdOf({ id }: Plan, { block, variant }: PlannedRun): string {
  return `${id.slice(0, 40)}-${block + 1}${String.fromCharCode(97 + variant)}-${randomBytes(3).toString('hex')}`
}

/** Minimum overlap, as a share of the longest measured time. */
const OVERLAP = 0.98

/**
 * Runs that overlapped too little ran under different conditions: they fail, and the block is repeated. Not
 * beside one that failed or is void, which may end early: that is not the others' fault. If a machine was
 * lost, all runs lost it.
 */
export function checkOverlap(executions: readonly Execution[]): Execution[] {
  const lost = executions.find((execution) => execution.lost !== undefined)?.lost
  if (lost !== undefined) return executions.map((execution) => ({ lost, ...execution, failures: [] }))
  const measured = executions.flatMap(({ summary, failures }) =>
    summary?.verdict === 'valid' && failures.length === 0 ? summary.measured : []
  )
  if (measured.length < executions.length) return [...executions]
  const from = Math.max(...measured.map((each) => each.from))
  const until = Math.min(...measured.map((each) => each.until))
  const longest = Math.max(...measured.map((each) => each.until - each.from))
  const share = longest > 0 ? Math.max(0, until - from) / longest : 1
  if (share >= OVERLAP) return [...executions]
  const failure = `The runs of the block overlapped by only ${Math.floor(share * 100)}% of their measured time`
  return executions.map((execution) => ({ ...execution, failures: [...execution.failures, failure] }))
}
