/** Says what runs: in a terminal, in one line at its bottom; elsewhere, in a line a minute. */
import type { TestProcess } from './test-process'

const SECONDS_BETWEEN_LINES = 60

export class Progress {
  private readonly running = new Set<TestProcess>()
  private readonly begun = performance.now()
  private ended = 0
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly total: number,
    private readonly stream: NodeJS.WriteStream = process.stdout
  ) {
    const isTerminal = stream.isTTY
    this.timer = setInterval(() => this.show(), isTerminal ? 1000 : SECONDS_BETWEEN_LINES * 1000)
    this.timer.unref()
  }

  add(running: TestProcess): void {
    this.running.add(running)
  }

  /** Prints the results of a process that has ended. */
  remove(running: TestProcess, results: string): void {
    this.running.delete(running)
    this.ended++
    this.stream.write(`${this.clearLine()}${results}`)
  }

  /** Ends all that runs. */
  kill(): void {
    for (const each of this.running) each.kill()
  }

  close(): void {
    clearInterval(this.timer)
    this.stream.write(this.clearLine())
  }

  private show(): void {
    if (this.running.size === 0) return
    const tests = [...this.running].map(({ running }) => `${running.test} (${Math.round(running.seconds)} s)`)
    const minutes = ((performance.now() - this.begun) / 60_000).toFixed(1)
    const line = `${minutes} min, ${this.ended} of ${this.total} processes done. Running: ${tests.join(', ')}`
    if (this.stream.isTTY) this.stream.write(`${this.clearLine()}${line.slice(0, this.stream.columns - 1)}`)
    else this.stream.write(`${line}\n`)
  }

  private clearLine(): string {
    return this.stream.isTTY ? '\r\u001b[K' : ''
  }
}
