import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The property under which ts-node registers itself in a process. */
const TS_NODE = Symbol.for('ts-node.register.instance')

/**
 * Starts the worker thread `<name>` of a folder: the compiled file if it exists (a bundle keeps all entry
 * points in one folder), else the source. A worker inherits the transpiler that its process was started with,
 * but not the one of the `ts-node` command.
 */
export function startWorker(folder: string, name: string, options: WorkerOptions = {}): Worker {
  const compiled = join(folder, `${name}.js`)
  if (existsSync(compiled)) return new Worker(compiled, options)
  return new Worker(join(folder, `${name}.ts`), {
    ...options,
    ...(TS_NODE in process && { execArgv: ['--require', require.resolve('ts-node/register')] })
  })
}
