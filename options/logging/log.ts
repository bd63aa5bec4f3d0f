import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'
import pino, { type Logger } from 'pino'

const STDERR = 2
/** Maximum number of waiting characters. Lines that arrive while this many wait are dropped. */
const MAX_WAITING = 1 << 20
/** How long {@link LossyWriter.flush} waits for a reader that has stalled, in ms. */
const FLUSH_MS = 1000

export interface Log {
  logger: Logger
  /** Await it before the exit: it resolves once the waiting lines are written, after 1 s at the latest. */
  flush(): Promise<void>
}

/** JSON lines on stderr: stdout is for what the user asked to see. Throws on an unknown level. */
export function openLog(level: string, name?: string): Log {
  const writer = new LossyWriter()
  return { logger: pino({ level, name }, writer), flush: () => writer.flush() }
}

/**
 * Drops lines if the disk is full, or the reader has stalled or is gone, and later says how many. Never
 * throws or blocks: pino's own destination would end the process, or block it until somebody reads.
 */
class LossyWriter {
  private waiting: string[] = []
  private waitingLength = 0
  private lost = 0
  private writing: Promise<void> | undefined
  private readonly put = stderrWriter()

  write(line: string): void {
    if (this.waitingLength > MAX_WAITING) {
      this.lost++
      return
    }
    this.waiting.push(line)
    this.waitingLength += line.length
    this.writing ??= this.writeWaiting()
  }

  async flush(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.writing, new Promise((resolve) => (timer = setTimeout(resolve, FLUSH_MS)))])
    clearTimeout(timer)
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting
      const alreadyLost = this.lost
      this.waiting = []
      this.waitingLength = 0
      const note = alreadyLost > 0 ? `{"level":40,"msg":"${alreadyLost} lines of this log were lost"}\n` : ''
      const error = await new Promise((done) => this.put(note + lines.join(''), done))
      if (error) this.lost += lines.length
      else this.lost -= alreadyLost
    }
    this.writing = undefined
  }
}

type Done = (error?: Error | null) => void

function stderrWriter(): (text: string, done: Done) => void {
  const kind = fstatSync(STDERR)
  if (!kind.isFIFO() && !kind.isSocket()) return (text, done) => writeAll(Buffer.from(text), done)
  // A write from the thread pool would keep the process alive while the reader of a full pipe stalls.
  const socket = new Socket({ fd: STDERR, readable: false, writable: true })
  socket.on('error', () => undefined)
  socket.unref()
  return (text, done) => void socket.write(text, done)
}

function writeAll(bytes: Buffer, done: Done): void {
  write(STDERR, bytes, (error, written) => {
    if (error || written === bytes.length) done(error)
    else writeAll(bytes.subarray(written), done)
  })
}
