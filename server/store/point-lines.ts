/**
 * Writes data points from journal lines to the results document. Those of plain batches are copied byte by
 * byte: parsing and encoding them again would be most of the cost of finishing a test.
 */
import type { ChunkBuilder } from './chunk-builder'
import { BATCH, dataPointsOf, parseRecord, startsBatch, timestampOf, type JournalRecord } from './records'

/** Bytes of {@link BATCH.separator} that come before the next point. */
const SEPARATOR_LENGTH = 2
const COMMA = 44
const BACKSLASH = 92
const CLOSING_BRACE = 125

/** Cut to start at a rare letter: a search for a leading quote would stop at every key. */
const KEY_ENDS = ['"peerId":'.slice(5), '"sequence":'.slice(3)].map((end) => Buffer.from(end))

/**
 * Whether each point begins with its `peerId` and `sequence`, and has these keys nowhere else: the rest is
 * metrics. Without a backslash, every quote begins or ends a string, so a match of a key is a key.
 */
export function isPlainBatch(line: Buffer, { points }: Extract<JournalRecord, { points: unknown }>): boolean {
  if (line.includes(BACKSLASH) || line[line.lastIndexOf(BATCH.tail) - 1] !== CLOSING_BRACE) return false
  if (KEY_ENDS.some((key) => countOf(line, key) !== points.length)) return false
  let from = BATCH.head.length
  for (const { peerId, sequence } of points) {
    const head = `{"peerId":"${peerId}","sequence":${sequence}`
    const next = line[from + head.length]
    if (next !== COMMA && next !== CLOSING_BRACE) return false
    if (line.toString('latin1', from, from + head.length) !== head) return false
    from = nextPoint(line, from)
  }
  return true
}

/** Writes the line's data points in the results document's format, one per line. */
export function writePoints(line: Buffer, isPlain: boolean, target: ChunkBuilder): void {
  if (isPlain && startsBatch(line)) {
    copyBatch(line, target)
    return
  }
  const points = dataPointsOf(parseRecord(line)).map((point) => JSON.stringify(point))
  target.write(points.join(',\n'))
}

/** {"peerId":"a","sequence":7,"sent":3} → {"peerId":"a","sequence":7,"timestamp":1,"metrics":{"sent":3}} */
function copyBatch(line: Buffer, target: ChunkBuilder): void {
  const tail = line.lastIndexOf(BATCH.tail)
  const at = Number.parseFloat(
    line.toString('latin1', tail + BATCH.tail.length, tail + BATCH.tail.length + 32)
  )
  let from = BATCH.head.length
  for (let index = 0; from < tail; index++) {
    const next = nextPoint(line, from)
    const end = next < 0 ? tail : next - SEPARATOR_LENGTH + 1
    const comma = line.indexOf(COMMA, line.indexOf(COMMA, from) + 1)
    const hasMetrics = comma >= 0 && comma < end
    const headEnd = hasMetrics ? comma : end - 1
    const head = line.toString('latin1', from, headEnd)
    const separator = index > 0 ? '},\n' : ''
    // One call for all texts, because a call takes longer than writing them.
    target.write(`${separator}${head},"timestamp":${timestampOf({ at }, index)},"metrics":{`)
    target.copy(line, headEnd + (hasMetrics ? 1 : 0), end)
    from = next < 0 ? tail : next
  }
  target.write('}')
}

/** Start of the point after the one at `from`; negative after the last point. */
function nextPoint(line: Buffer, from: number): number {
  const separator = line.indexOf(BATCH.separator, from)
  return separator < 0 ? -1 : separator + SEPARATOR_LENGTH
}

function countOf(line: Buffer, bytes: Buffer): number {
  let count = 0
  for (let at = line.indexOf(bytes); at >= 0; at = line.indexOf(bytes, at + bytes.length)) count++
  return count
}
