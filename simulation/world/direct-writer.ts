/**
 * Makes protobufjs write each value immediately. Its own writer first builds a list of operations, and writes
 * once all lengths are known. Encoding takes a fifth of a simulation's time, most of it for these lists. The
 * bytes are the same, so the libraries' behaviour does not change: direct-writer.test.ts compares them.
 */
import protobuf from 'protobufjs/minimal'

type Write<T> = (value: T, to: Uint8Array, at: number) => void

/** The members of protobufjs's writer; its types leave out the private ones. */
interface Writer {
  /** Bytes so far. */
  len: number
  /** All methods except uint32 call this. */
  _push<T>(write: Write<T>, length: number, value: T): this
  uint32(value: number): this
  string(value: string): this
  fork(): this
  reset(): this
  ldelim(): this
  finish(): Uint8Array
  /** Added by this file: where the packet is written. Once it is finished, others may follow it there. */
  target?: Target
  isFinished?: boolean
  /** Start positions of nested messages whose length is not known yet. */
  forks?: number[]
}

/** A buffer for many consecutive packets; the next one starts at `begin`. */
interface Target {
  bytes: Uint8Array
  begin: number
}

const BUFFER_BYTES = 256 * 1024
const newTarget = (least: number): Target => {
  return { bytes: new Uint8Array(Math.max(BUFFER_BYTES, least)), begin: 0 }
}
/** Longer strings are not shared: they are texts of chat messages, which never repeat. */
const LONGEST_SHARED = 64
const MOST_SHARED = 4096

/** Changes the protobufjs of this bundle. */
export function writeDirectly(): void {
  const { prototype } = protobuf.Writer as unknown as { prototype: Writer }
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the writer as its `this`
  const writeString = prototype.string
  const shared = new Map<string, Uint8Array>()
  // A writer takes the buffer and returns it when it is done, so two writers never share one.
  let idle: Target | undefined

  /** Makes room for `length` more bytes. */
  const reserve = (writer: Writer, length: number): Target => {
    const { target, len, isFinished } = writer
    const needed = len + length
    if (target && !isFinished && target.begin + needed <= target.bytes.length) return target
    // What is written moves; earlier packets stay in the old buffer.
    const next = idle && idle.begin + needed <= idle.bytes.length ? idle : newTarget(2 * needed)
    idle = undefined
    if (target) next.bytes.set(target.bytes.subarray(target.begin, target.begin + len), next.begin)
    writer.isFinished = false
    return (writer.target = next)
  }

  prototype._push = function (write, length, value) {
    const { bytes, begin } = reserve(this, length)
    write(value, bytes, begin + this.len)
    this.len += length
    return this
  }
  prototype.uint32 = function (value) {
    const { bytes, begin } = reserve(this, LONGEST_VARINT)
    this.len = writeVarint(bytes, begin + this.len, value >>> 0) - begin
    return this
  }
  prototype.string = function (value) {
    const known = shared.get(value)
    if (known) return this._push(copyBytes, known.length, known)
    const from = this.len
    writeString.call(this, value)
    if (value.length > LONGEST_SHARED) return this
    // Texts of chat messages fill the map; names soon reappear.
    if (shared.size === MOST_SHARED) shared.clear()
    const { bytes, begin } = this.target!
    shared.set(value, bytes.slice(begin + from, begin + this.len))
    return this
  }
  prototype.fork = function () {
    ;(this.forks ??= []).push(this.len)
    return this
  }
  /** Discards what was written since the last fork, or everything. */
  prototype.reset = function () {
    this.len = this.forks?.pop() ?? 0
    return this
  }
  prototype.ldelim = function () {
    const from = this.forks?.pop() ?? 0
    const length = this.len - from
    const { bytes, begin } = reserve(this, LONGEST_VARINT)
    const prefix = varintBytes(length)
    bytes.copyWithin(begin + from + prefix, begin + from, begin + this.len)
    writeVarint(bytes, begin + from, length)
    this.len += prefix
    return this
  }
  prototype.finish = function () {
    const { bytes, begin } = reserve(this, 0)
    const end = begin + this.len
    idle = { bytes, begin: end }
    this.isFinished = true
    return bytes.subarray(begin, end)
  }
}

/** Bytes of a 32-bit number at most. */
const LONGEST_VARINT = 5

/** Returns the position after the number. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 127) {
    bytes[at++] = (value & 127) | 128
    value >>>= 7
  }
  bytes[at++] = value
  return at
}

function varintBytes(value: number): number {
  let bytes = 1
  while ((value >>>= 7) > 0) bytes++
  return bytes
}

/** For so few bytes, a loop is faster than `set`. */
function copyBytes(bytes: Uint8Array, to: Uint8Array, at: number): void {
  for (let i = 0; i < bytes.length; i++) to[at + i] = bytes[i]!
}
