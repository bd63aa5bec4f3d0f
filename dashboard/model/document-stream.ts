/**
 * Reads a results document entry by entry as it arrives. The document of a long test with many peers has
 * hundreds of MB, too much for a page to hold as one string. This reader only finds where each entry ends and
 * leaves the rest to JSON.parse: 19 MB of data points take 0.26 CPU-s, with @streamparser/json 0.0.26 they
 * take 1.32.
 */

/**
 * Receives one entry of the document, one element of an entry that is a list, or `[id, value]` of a record
 * that is `spread`.
 */
type OnEntry = (key: string, value: unknown) => void

export interface StreamOptions {
  /** Keys of records to pass on entry by entry, like lists. */
  spread?: readonly string[]
  /** Stops before this key. */
  stopBefore?: string
}

/** Throws SyntaxError if the text is not a complete JSON object. */
export async function readDocument(
  stream: ReadableStream<Uint8Array>,
  onEntry: OnEntry,
  options: StreamOptions = {}
): Promise<void> {
  const splitter = new Splitter(onEntry, options)
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

const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d]
const [OPEN_RECORD, CLOSE_RECORD] = [0x7b, 0x7d]
const COMMA = 0x2c
const COLON = 0x3a

class Splitter {
  complete = false
  stopped = false
  private text = ''
  private at = 0
  private begin = 0
  private depth = 0
  private inText = false
  /** The current key of the document itself. */
  private key: string | undefined
  /** The current key of a record that is spread. */
  private innerKey: string | undefined
  /** Whether the current entry is passed on element by element. */
  private isSplit = false

  constructor(
    private readonly onEntry: OnEntry,
    private readonly options: StreamOptions
  ) {}

  push(chunk: string): void {
    this.text = this.text.slice(this.begin) + chunk
    this.at -= this.begin
    this.begin = 0
    for (; this.at < this.text.length && !this.stopped; this.at++) this.step(this.text.charCodeAt(this.at))
  }

  private step(character: number): void {
    if (this.inText) {
      if (character === BACKSLASH) this.at++
      else if (character === QUOTE) this.inText = false
      return
    }
    switch (character) {
      case QUOTE:
        this.inText = true
        return
      case OPEN_LIST:
      case OPEN_RECORD:
        this.open(character)
        return
      case CLOSE_LIST:
      case CLOSE_RECORD:
        this.close()
        return
      case COLON:
        if (this.depth === 1) {
          this.key = this.take() as string
          this.stopped = this.key === this.options.stopBefore
        } else if (this.depth === 2 && this.isSplit && this.innerKey === undefined)
          this.innerKey = this.take() as string
        return
      case COMMA:
        if (this.depth === 1 || (this.depth === 2 && this.isSplit)) this.hand()
    }
  }

  private open(character: number): void {
    this.depth++
    if (this.depth === 1) this.begin = this.at + 1
    if (this.depth !== 2) return
    this.isSplit = character === OPEN_LIST || this.options.spread?.includes(this.key!) === true
    if (this.isSplit) this.begin = this.at + 1
  }

  private close(): void {
    if (this.depth === 2 && this.isSplit) {
      this.hand()
      this.isSplit = false
      this.key = undefined
    } else if (this.depth === 1) {
      this.hand()
      this.complete = true
    }
    this.depth--
  }

  /** Passes on what was read since the last separator, if anything. */
  private hand(): void {
    const empty = this.text.slice(this.begin, this.at).trim() === ''
    const value = empty ? undefined : this.take()
    if (!empty && this.key !== undefined) {
      this.onEntry(this.key, this.innerKey === undefined ? value : [this.innerKey, value])
    }
    this.begin = this.at + 1
    this.innerKey = undefined
    if (this.depth === 1) this.key = undefined
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
