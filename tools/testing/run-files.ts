/** Runs test files in separate processes, some at a time. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { styleText } from 'node:util'
import { writeBatches } from './batches'
import type { Progress } from './progress'
import { TestProcess, type Outcome } from './test-process'

/** ms without news from a running test after which it hangs. Generous: it judges nothing but that. */
const PATIENCE = 10 * 60_000

/**
 * Prints the results of each process once it has ended. At most `concurrency` processes at a time, each with
 * one batch of files.
 */
export async function runFiles(
  all: readonly string[][],
  concurrency: number,
  progress: Progress,
  patience = PATIENCE,
  loading?: number
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const { folder, reporter, paths } = await writeBatches(all)
  const waiting = all.map((files, index) => ({ files, reporter, path: paths[index]! }))
  const work = async () => {
    for (let program = waiting.shift(); program; program = waiting.shift()) {
      const running = new TestProcess(program, patience, loading)
      progress.add(running)
      const outcome = await running.ended()
      progress.remove(running, coloured(outcome.output))
      outcomes.push(outcome)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  rmSync(folder, { recursive: true })
  return outcomes
}

/** Test processes write to a pipe, so node:test does not colour what they print. */
function coloured(text: string): string {
  return process.stdout.isTTY ? text.replace(/^.*✖.*$/gm, (line) => styleText('red', line)) : text
}

/**
 * Reruns the files whenever one of them or one of their imports changes. Does not end by itself. Uses node's
 * command line, because its function for programs ends when an editor replaces a file.
 */
export async function watchFiles(files: readonly string[], concurrency: number): Promise<void> {
  const loaders = ['tsx/preflight', 'tsx/cjs', require.resolve('./seed')].flatMap((each) => [
    '--require',
    each
  ])
  const args = ['--test', '--watch', '--test-reporter=spec', `--test-concurrency=${concurrency}`, ...files]
  await once(spawn(process.execPath, [...loaders, ...args], { stdio: 'inherit' }), 'close')
}
