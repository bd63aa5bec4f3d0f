import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts the worker thread `<name>` of a folder: the compiled file where there is one (Bazel, or a bundle with all entry
 * points in one folder), else the source through ts-node.
 */
export function startWorker(folder: string, name: string, options: WorkerOptions = {}): Worker {
  const compiled = join(folder, `${name}.js`)
  if (existsSync(compiled)) return new Worker(compiled, options)
  return new Worker(join(folder, `${name}.ts`), {
    ...options,
    execArgv: ['--require', require.resolve('ts-node/register')]
  })
}
