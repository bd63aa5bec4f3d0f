/**
 * Decodes each distinct string of packets only once. A packet names the peers that have received it;
 * protobufjs decodes each name again, which alone takes an eighth of a simulation's time. Known strings are
 * looked up here by their bytes. The libraries get equal strings, so their behaviour does not change:
 * shared-strings.test.ts compares them.
 */
import protobuf from 'protobufjs/minimal'

interface Known {
  bytes: Uint8Array
  text: string
}

const SLOTS = 1 << 12
/** Longer strings are not shared: they are texts of chat messages, which never repeat. */
const LONGEST = 64

/** The members of protobufjs's reader; its types don't say that `buf` is not a plain array in browsers. */
interface Reader {
  buf: Uint8Array
  pos: number
  uint32(): number
  string(): string
}

export function shareStrings(): void {
  const known: (Known | undefined)[] = new Array<Known | undefined>(SLOTS)
  const { prototype } = protobuf.Reader as unknown as { prototype: Reader }
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the reader as its `this`
  const readAnew = prototype.string
  prototype.string = function (): string {
    const begin = this.pos
    const length = this.uint32()
    const from = this.pos
    const to = from + length
    if (length > LONGEST) {
      this.pos = begin
      return readAnew.call(this)
    }
    const slot = hash(this.buf, from, to) & (SLOTS - 1)
    const found = known[slot]
    if (found && isEqual(found.bytes, this.buf, from, to)) {
      this.pos = to
      return found.text
    }
    this.pos = begin
    const text = readAnew.call(this)
    known[slot] = { bytes: this.buf.slice(from, to), text }
    return text
  }
}

/** FNV-1a over about eight evenly spaced bytes: isEqual decides whether strings are equal. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5 ^ (to - from)
  const step = ((to - from) >> 3) | 1
  for (let i = from; i < to; i += step) value = Math.imul(value ^ bytes[i]!, 0x01000193)
  return value ^ (value >>> 15)
}

function isEqual(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}
