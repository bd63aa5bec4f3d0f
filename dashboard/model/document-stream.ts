/**
 * Reads a results document entry by entry: hundreds of MB are too much for one string. JSON.parse reads each
 * entry: 19 MB of data points take 0.26 CPU-s, with @streamparser/json 0.0.26 they take 1.32.
 */

/** Passed on entry by entry: the elements of a list, `[id, value]` of a record. */
export const LONG_PARTS: readonly string[] = ['peerResults', 'runnerSamples', 'topologies', 'dataPoints']

/** Receives a key of the document and its value, or one entry of it if it is a long part. */
type OnEntry = (key: string, value: unknown) => void

/** Throws SyntaxError if the text is not a whole JSON object. @param stopBefore a key, not read any more */
export async function readDocument(
  stream: ReadableStream<Uint8Array>,
  onEntry: OnEntry,
  stopBefore?: string
): Promise<void> {
  const splitter = new Splitter(onEntry, stopBefore)
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    splitter.push(done ? decoder.decode() : decoder.decode(value, { stream: true }))
    if (splitter.stopped) {
      await reader.cancel()
      return
    }
    if (done) break
  }
  if (!splitter.complete) throw new SyntaxError('The results document is cut off')
}

class Splitter {
  complete = false
  stopped = false
  private text = ''
  private at = 0
  private begin = 0
  private depth = 0
  private inText = false
  /** The depth at which entries are separated: 1, in a long part 2. */
  private level = 1
  /** The current key of the document, and of a long part that is a record. */
  private keys: string[] = []

  constructor(
    private readonly onEntry: OnEntry,
    private readonly stopBefore: string | undefined
  ) {}

  push(chunk: string): void {
    this.text = this.text.slice(this.begin) + chunk
    this.at -= this.begin
    this.begin = 0
    for (; this.at < this.text.length && !this.stopped; this.at++) this.step(this.text[this.at]!)
  }

  private step(character: string): void {
    if (this.inText) {
      if (character === '\\') this.at++
      else if (character === '"') this.inText = false
      return
    }
    switch (character) {
      case '"':
        this.inText = true
        return
      case '[':
      case '{':
        this.depth++
        if (this.depth === 2 && LONG_PARTS.includes(this.keys[0]!)) this.level = 2
        if (this.depth === this.level) this.begin = this.at + 1
        return
      case ']':
      case '}':
        if (this.depth === this.level) {
          this.hand()
          this.keys = []
          this.level = 1
        }
        this.depth--
        this.complete = this.depth === 0
        return
      case ':':
        // A second one in an entry stays in its text, which JSON.parse then refuses.
        if (this.depth !== this.level || this.keys.length === this.level) return
        this.keys[this.level - 1] = this.take() as string
        this.stopped = this.keys[0] === this.stopBefore
        return
      case ',':
        if (this.depth === this.level) this.hand()
    }
  }

  /** Passes on what was read since the last separator, if anything. */
  private hand(): void {
    const [key, innerKey] = this.keys
    if (this.text.slice(this.begin, this.at).trim() !== '') {
      const value = this.take()
      if (key !== undefined) this.onEntry(key, innerKey === undefined ? value : [innerKey, value])
    }
    this.begin = this.at + 1
    this.keys.length = this.level - 1
  }

  private take(): unknown {
    const value = parse(this.text.slice(this.begin, this.at))
    this.begin = this.at + 1
    return value
  }
}

/** Where a number might be larger than any double. */
const LARGE = /\d{300}|e\+?\d{3}/i

/** JSON.parse reads 1e400 as infinity. No sum and no chart survives that. */
function parse(text: string): unknown {
  if (!LARGE.test(text)) return JSON.parse(text)
  return JSON.parse(text, (key, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    throw new SyntaxError(`The number of "${key}" in the results document is out of range`)
  })
}
