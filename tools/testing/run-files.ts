/** Runs test files with node's test runner in separate processes, and measures how long each one took. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { writeBatches } from './batches'
import { wholeFiles } from './whole-files'

export interface Ran {
  passed: number
  failed: number
  /** How long each file took, in seconds. */
  seconds: Map<string, number>
}

/**
 * tsx transpiles the tests. esbuild, which it uses, is ten times faster than the TypeScript compiler behind
 * ts-node, and its output is cached by content, so one process compiles a module for all others. `npm run
 * check` checks the types.
 */
const TRANSPILER = ['tsx/preflight', 'tsx/cjs'].map((module) => `--require "${require.resolve(module)}"`)

/**
 * Prints the results of each file once it has ended. At most `concurrency` processes at a time, each with one
 * batch of files. Runs at the same time need different names.
 */
export async function runFiles(name: string, all: readonly string[][], concurrency: number): Promise<Ran> {
  const ran: Ran = { passed: 0, failed: 0, seconds: new Map() }
  const files = new Set(all.flat())
  const tests = run({ files: writeBatches(name, all), concurrency })
  tests.on('test:diagnostic', ({ nesting, message }) => {
    const [, what, count] = /^(pass|fail|cancelled) (\d+)$/.exec(message) ?? []
    if (nesting !== 0 || what === undefined) return
    ran[what === 'pass' ? 'passed' : 'failed'] += Number(count)
  })
  tests.on('test:complete', ({ name, details }) => {
    if (files.has(name)) ran.seconds.set(name, details.duration_ms / 1000)
  })
  for await (const text of wholeFiles(tests.compose(new spec()) as AsyncIterable<string>))
    process.stdout.write(text)
  return ran
}

/**
 * Reruns the files whenever one of them or one of their imports changes. Does not end by itself. Uses node's
 * command line, because its function for programs ends when an editor replaces a file.
 */
export async function watchFiles(files: readonly string[], concurrency: number): Promise<void> {
  const args = ['--test', '--watch', '--test-reporter=spec', `--test-concurrency=${concurrency}`, ...files]
  await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close')
}

/** Makes node transpile TypeScript in the processes that the test runner starts. */
export function useTranspiler(): void {
  process.env.NODE_OPTIONS = [...TRANSPILER, process.env.NODE_OPTIONS ?? ''].join(' ').trim()
}
