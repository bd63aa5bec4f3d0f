import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Of all compiled files of this program, if it is compiled by tools/compiled.cjs. */
declare const compiledFolder: string | undefined

/**
 * Starts the worker thread `<name>` of a folder: the compiled file if it exists (a bundle keeps all entry
 * points in one folder), else the source, which a worker must be told to compile.
 */
export function startWorker(folder: string, name: string, options: WorkerOptions = {}): Worker {
  const compiled = join(typeof compiledFolder === 'undefined' ? folder : compiledFolder, `${name}.js`)
  if (existsSync(compiled)) return new Worker(compiled, options)
  const execArgv = ['--require', require.resolve('tsx/cjs')]
  return new Worker(join(folder, `${name}.ts`), { ...options, execArgv })
}
