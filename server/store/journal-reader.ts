/** Reads a journal line by line, in bounded memory. */
import { open, type FileHandle } from 'node:fs/promises'

const NEWLINE = 10
const CHUNK_BYTES = 1 << 20

/**
 * The complete lines between two positions of a file, without their newlines, and where each ends. `from` is
 * the end of a line. A line's bytes are valid until the next one is requested.
 */
export async function* readLines(source: string | FileHandle, from = 0, until = Infinity) {
  if (until <= from) return
  // Room for a chunk, and before it for the beginning of the line that continues there.
  let buffer: Buffer = Buffer.allocUnsafeSlow(2 * CHUNK_BYTES)
  const file = typeof source === 'string' ? await open(source, 'r') : source
  /** Bytes at the start of the buffer: a line that is not complete yet. */
  let begun = 0
  let end = from
  try {
    for (let position = from; position < until;) {
      if (begun > buffer.length - CHUNK_BYTES) buffer = Buffer.concat([buffer], 2 * buffer.length)
      const length = Math.min(CHUNK_BYTES, until - position)
      const { bytesRead } = await file.read(buffer, begun, length, position)
      if (bytesRead === 0) return
      position += bytesRead
      const filled = buffer.subarray(0, begun + bytesRead)
      let start = 0
      for (let newline = filled.indexOf(NEWLINE, begun); newline >= 0;) {
        const text = filled.subarray(start, newline)
        end += text.length + 1
        start = newline + 1
        yield { text, end }
        newline = filled.indexOf(NEWLINE, start)
      }
      // Moved to the start of the buffer, so that the next chunk completes it.
      begun = filled.copy(buffer, 0, start)
    }
  } finally {
    if (file !== source) await file.close()
  }
}
