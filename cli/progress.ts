/** Shows progress: a live display on a terminal, plain lines elsewhere. */
import { Listr } from 'listr2'

export interface Progress {
  /** Does `work` under a title; `update` replaces the detail after it. */
  step<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T>
  /** Prints one line that stays: something happened. */
  note(line: string): void
}

/** Not if NO_COLOR is set, or the terminal has none. */
export const hasColours = () => process.stdout.isTTY && process.stdout.hasColors()

export function createProgress(): Progress {
  return process.stdout.isTTY ? new LiveProgress() : new PlainProgress()
}

class LiveProgress implements Progress {
  private show: ((line: string) => void) | undefined

  async step<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T> {
    let result: T
    await new Listr(
      {
        title,
        task: async (_, task) => {
          this.show = (line) => (task.output = line)
          try {
            result = await work((detail) => (task.title = `${title}: ${detail}`))
          } finally {
            this.show = undefined
          }
        },
        rendererOptions: { outputBar: Infinity, persistentOutput: true }
      },
      // The command handles Ctrl-C (command.ts): listr2's own listener would end the process immediately.
      { registerSignalListeners: false, rendererOptions: { showErrorMessage: false, collapseErrors: false } }
    ).run()
    return result!
  }

  note(line: string): void {
    if (this.show) this.show(line)
    else console.log(line)
  }
}

const PLAIN_UPDATE_EVERY_MS = 5_000

/** For logs: one line per step, and its latest detail every few seconds. */
export class PlainProgress implements Progress {
  constructor(
    private readonly print: (line: string) => void = console.log,
    private readonly now: () => number = () => performance.now()
  ) {}

  async step<T>(title: string, work: (update: (detail: string) => void) => Promise<T>): Promise<T> {
    this.print(title)
    let printed = this.now()
    return work((detail) => {
      if (this.now() - printed < PLAIN_UPDATE_EVERY_MS) return
      printed = this.now()
      this.print(`  ${detail}`)
    })
  }

  note(line: string): void {
    this.print(`  ${line}`)
  }
}
