/** Reads a journal line by line, in bounded memory. */
import { createReadStream } from 'node:fs'

export interface JournalLine {
  /** Without its newline. */
  text: Buffer
  /** Position after its newline. */
  end: number
}

/** The whole lines between two positions (`from` is the end of a line). A last line without a newline is left out. */
export async function* readLines(path: string, from = 0, until = Infinity): AsyncGenerator<JournalLine> {
  if (until <= from) return
  const stream = createReadStream(path, { start: from, end: until - 1, highWaterMark: 1 << 18 })
  let rest: Buffer[] = []
  let end = from
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0
    for (;;) {
      const newline = chunk.indexOf(10, start)
      if (newline < 0) break
      const piece = chunk.subarray(start, newline)
      const text = rest.length === 0 ? piece : Buffer.concat([...rest, piece])
      rest = []
      end += text.length + 1
      start = newline + 1
      yield { text, end }
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
}
