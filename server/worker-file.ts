import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, Worker, type Transferable, type WorkerOptions } from 'node:worker_threads'
import { Refusal } from '../cli/refusal'

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

interface Call<Question> {
  number: number
  question: Question
}

interface Reply<Answer> extends Partial<Pick<Refusal, 'status' | 'code' | 'field'>> {
  number: number
  answer?: Answer
  error?: Error
}

/**
 * Calls to the worker thread `<name>` of a folder, started when needed. An idle worker does not keep the
 * process alive. If it dies (out of memory), its calls fail, and the next one starts a new worker.
 */
export class WorkerCalls<Question, Answer> {
  worker: Worker | undefined
  private readonly pending = new Map<number, (reply: Omit<Reply<Answer>, 'number'>) => void>()
  private lastNumber = 0

  constructor(
    private readonly folder: string,
    private readonly name: string
  ) {}

  /** Rejects with what the worker has thrown: a Refusal, or an error with its code. */
  call(question: Question, transferred: Transferable[] = []): Promise<Answer> {
    const number = ++this.lastNumber
    return new Promise((done, failed) => {
      this.pending.set(number, ({ answer, error, status, code, field }) => {
        if (!error) done(answer!)
        else if (status !== undefined) failed(new Refusal(status, code!, error.message, field))
        // The error of a worker that has died still has its own.
        else failed(code === undefined ? error : Object.assign(error, { code }))
      })
      this.worker ??= this.start()
      this.worker.postMessage({ number, question } satisfies Call<Question>, transferred)
      this.worker.ref()
    })
  }

  /** Pending calls fail. */
  async close(): Promise<void> {
    // An answer would let the process end before the thread.
    this.worker?.removeAllListeners('message')
    await this.worker?.terminate()
  }

  private start(): Worker {
    const worker = startWorker(this.folder, this.name)
    worker.on('message', ({ number, ...reply }: Reply<Answer>) => {
      this.pending.get(number)?.(reply)
      this.pending.delete(number)
      if (this.pending.size === 0) worker.unref()
    })
    const fail = (error: Error) => {
      if (this.worker !== worker) return
      this.worker = undefined
      for (const settle of this.pending.values()) settle({ error })
      this.pending.clear()
    }
    worker.on('error', fail)
    worker.on('exit', () => fail(new Error(`the ${this.name} ended`)))
    worker.unref()
    return worker
  }
}

/** Answers the calls to this worker thread. Bytes are transferred, not copied. */
export function answerCalls(answerTo: (question: never) => unknown): void {
  const reply = (content: Reply<unknown>, transferred: Transferable[] = []) =>
    parentPort!.postMessage(content, transferred)
  parentPort!.on('message', ({ number, question }: Call<never>) => {
    new Promise((done) => done(answerTo(question)))
      .then(
        (answer) =>
          reply({ number, answer }, answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : []),
        (error: unknown) => {
          // Copied to another thread, an error keeps nothing but its message and stack.
          const { status, code, field } = error as Refusal
          reply({ number, error: error as Error, status, code, field })
        }
      )
      // Ends the thread. Its owner fails the pending calls and starts a new one.
      .catch((error: unknown) => {
        throw error
      })
  })
}
