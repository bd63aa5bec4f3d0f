import { fstatSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import pino, { type Logger } from 'pino'
import { printable } from '../printable'

const STDERR = 2
/** Maximum number of waiting characters. Lines that arrive while this many wait are dropped. */
const MAX_WAITING = 1 << 20
/** How long {@link Log.flush} waits for a reader that has stalled, in ms. */
const FLUSH_MS = 1000

export interface Log {
  logger: Logger
  /** Await it before the exit: it resolves once the waiting lines are written, after 1 s at the latest. */
  flush(): Promise<void>
}

/**
 * JSON lines on stderr: stdout is for what the user asked to see. Throws on an unknown level. Drops lines if
 * the disk is full, or the reader has stalled or is gone, and later says how many. Never throws or blocks:
 * pino's own destination would end the process, or block it until somebody reads.
 */
export function openLog(level: string, name?: string): Log {
  const put = stderrWriter()
  let lost = 0
  const waiting = new Writable({
    decodeStrings: false,
    writev: (lines, done) => {
      const alreadyLost = lost
      const note = alreadyLost > 0 ? `{"level":40,"msg":"${alreadyLost} lines of this log were lost"}\n` : ''
      put(note + lines.map(({ chunk }) => chunk as string).join(''), (error) => {
        lost += error ? lines.length : -alreadyLost
        done()
      })
    }
  })
  const write = (line: string) => {
    if (waiting.writableLength > MAX_WAITING) lost++
    else waiting.write(printable(line, { lines: true }))
  }
  const flush = async () => {
    const isOver = new AbortController()
    const { signal } = isOver
    const written = new Promise<unknown>((resolve) => waiting.write('', resolve))
    await Promise.race([written, sleep(FLUSH_MS, undefined, { signal })])
    isOver.abort()
  }
  return { logger: pino({ level, name }, { write }), flush }
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
