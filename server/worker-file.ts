import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker, type Transferable, type WorkerOptions } from 'node:worker_threads'

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

interface Pending<Answer> {
  done: (answer: Answer) => void
  failed: (error: Error) => void
}

/** An order without its number. */
export type Question<Order> = Order extends { number: number } ? Omit<Order, 'number'> : never

/**
 * Numbered calls to the worker thread `<name>` of a folder, started when needed. An idle worker does not keep
 * the process alive. If a worker dies (out of memory), its calls fail, and the next one starts a new worker.
 */
export class WorkerCalls<Order extends object, Answer extends { number: number }> {
  /** The one that runs now. */
  worker: Worker | undefined
  private readonly pending = new Map<number, Pending<Answer>>()
  private lastNumber = 0

  constructor(
    private readonly folder: string,
    private readonly name: string
  ) {}

  call(question: Question<Order>, transferred: Transferable[] = []): Promise<Answer> {
    const number = ++this.lastNumber
    return new Promise((done, failed) => {
      this.pending.set(number, { done, failed })
      this.post({ number, ...question } as unknown as Order, transferred)
      this.worker!.ref()
    })
  }

  /** An order without an answer. */
  post(order: Order, transferred: Transferable[] = []): void {
    this.worker ??= this.start()
    this.worker.postMessage(order, transferred)
  }

  private start(): Worker {
    const worker = startWorker(this.folder, this.name)
    worker.on('message', (answer: Answer) => {
      this.pending.get(answer.number)?.done(answer)
      this.pending.delete(answer.number)
      if (this.pending.size === 0) worker.unref()
    })
    const fail = (error: Error) => {
      if (this.worker !== worker) return
      this.worker = undefined
      for (const { failed } of this.pending.values()) failed(error)
      this.pending.clear()
    }
    worker.on('error', fail)
    worker.on('exit', () => fail(new Error(`the ${this.name} ended`)))
    worker.unref()
    return worker
  }
}
