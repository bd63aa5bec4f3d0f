/** Runs `peer-perf compare` as a process of its own, for programs that make many comparisons. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Side } from '../analysis/comparison/comparison'
import type { Judged } from '../analysis/formats/judged'
import type { Gate } from '../analysis/gate/result'
import { outputOfChild } from '../cli/command'
import { resultsFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { readState } from './whole-file'

/** If no run could be compared, the baseline has only its name. */
export type Finished = Judged & { baseline: Partial<Side> }

/** Runs the comparison, or the rest of it. Throws UserError unless it ends with a verdict. */
export async function runCompare(
  id: string,
  args: readonly string[],
  signal: AbortSignal
): Promise<Finished> {
  // No listener hears of an earlier abort.
  signal.throwIfAborted()
  const isBegun = existsSync(join(folderOf(id), 'campaign.json'))
  const own = isBegun ? ['--resume', id] : ['--id', id, '--one-network', ...args]
  // In its own process group: a terminal sends Ctrl-C to the whole group, and a second one would end it at
  // once.
  const child = spawn(process.execPath, [process.argv[1]!, 'compare', ...own], {
    // By the channel, it notices when this process has ended, however it ended.
    stdio: ['inherit', outputOfChild(), 'inherit', 'ipc'],
    detached: true
  })
  const stop = () => child.kill('SIGINT')
  signal.addEventListener('abort', stop, { once: true })
  const [code] = (await once(child, 'exit')) as [number | null]
  signal.removeEventListener('abort', stop)
  const finished = !signal.aborted && code !== null && code !== 1 ? await finishedComparison(id) : undefined
  if (!finished) throw new UserError(`${id} came to no verdict. To resume: run the same command again`)
  return finished
}

/** Undefined until it has a verdict: a comparison that was stopped has a report as well. */
export async function finishedComparison(id: string): Promise<Finished | undefined> {
  const file = join(folderOf(id), 'comparison.json')
  const finished = existsSync(file) ? await readState<Finished>(file) : undefined
  return finished?.stopped ? undefined : finished
}

/** While its folder is there, it is found again; only what a busy machine ended goes on. */
export const notMeasured = (what: string, id: string, { why, headline }: Finished) =>
  new UserError(
    `${what} could not be measured (${(why ?? headline).split('\n')[0]!}): run the same command again where it can, after removing ${folderOf(id)} unless a busy machine ended it`
  )

/** An id by all that decides a comparison: one that was kept answers only for the same. */
export function idOf(name: string, decisive: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(decisive)).digest('hex')
  return `${name}-${digest.slice(0, 6)}`
}

/** How many blocks the verdict takes into account. */
export function blocksOf({ sequential, criteria }: Gate): number {
  const counts = criteria.flatMap(({ components }) => components.map(({ count }) => count))
  return sequential?.blocks ?? Math.max(0, ...counts)
}

export const folderOf = (id: string) => join(resultsFolder(), 'comparisons', id)
