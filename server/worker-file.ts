import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts the worker thread `<name>` of a folder: the compiled file if it exists (a bundle keeps all entry
 * points in one folder), else the source, which a worker must be told to compile.
 */
export function startWorker(folder: string, name: string, options: WorkerOptions = {}): Worker {
  const compiled = join(folder, `${name}.js`)
  if (existsSync(compiled)) return new Worker(compiled, options)
  const execArgv = ['--require', require.resolve('tsx/cjs')]
  return new Worker(join(folder, `${name}.ts`), { ...options, execArgv })
}
