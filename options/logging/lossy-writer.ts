import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'

/** Maximum number of waiting characters. Lines that arrive while this many wait are dropped. */
const MAX_WAITING = 1 << 20
/** How long {@link LossyWriter.flush} waits for a reader that has stalled, in ms. */
const FLUSH_MS = 1000

/**
 * Writes lines to a file descriptor and drops them if it cannot: the disk is full, or the reader has stalled
 * or is gone. It never throws, never emits an error and never blocks the event loop. Once writing works
 * again, a line reports how many lines are missing.
 */
export class LossyWriter {
  private waiting: string[] = []
  private waitingLength = 0
  private lost = 0
  private writing: Promise<void> | undefined
  private readonly put: (text: string, done: (error?: Error | null) => void) => void

  constructor(fd: number) {
    this.put = writerOf(fd)
  }

  write(line: string): void {
    if (this.waitingLength > MAX_WAITING) {
      this.lost++
      return
    }
    this.waiting.push(line)
    this.waitingLength += line.length
    this.writing ??= this.writeWaiting()
  }

  /** Resolves once all lines are written or dropped, after 1 s at the latest. */
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

function writerOf(fd: number): (text: string, done: (error?: Error | null) => void) => void {
  const kind = fstatSync(fd)
  if (!kind.isFIFO() && !kind.isSocket()) {
    return (text, done) => writeAll(fd, Buffer.from(text), done)
  }
  // A write from the thread pool would keep the process alive while the reader of a full pipe stalls.
  const socket = new Socket({ fd, readable: false, writable: true })
  socket.on('error', () => undefined)
  socket.unref()
  return (text, done) => {
    socket.write(text, done)
  }
}

function writeAll(fd: number, bytes: Buffer, done: (error?: Error | null) => void): void {
  write(fd, bytes, (error, written) => {
    if (error || written === bytes.length) done(error)
    else writeAll(fd, bytes.subarray(written), done)
  })
}
