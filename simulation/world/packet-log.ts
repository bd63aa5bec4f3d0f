/** A digest of all packets that arrive on data channels: when, where, and their contents. */
import type { VirtualTime } from '../engine/virtual-time'
import type { Packet } from '../network/data-channel'

export class PacketLog {
  packets = 0
  private low = 0x811c9dc5
  private high = 0x9747b28c
  private readonly instant = new Float64Array(1)
  private readonly words = new Uint32Array(this.instant.buffer)

  constructor(private readonly time: VirtualTime) {}

  readonly add = (connection: number, packet: Packet): void => {
    const { length } = packet
    this.packets++
    this.instant[0] = this.time.now
    this.mix(this.words[0]!)
    this.mix(this.words[1]!)
    this.mix(connection)
    this.mix(length)
    if (typeof packet === 'string') for (let i = 0; i < length; i++) this.mix(packet.charCodeAt(i))
    else this.mixBytes(packet)
  }

  digest(): string {
    return [this.low, this.high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** Four bytes at a time. */
  private mixBytes(bytes: Uint8Array): void {
    const { length } = bytes
    let i = 0
    for (; i + 3 < length; i += 4) {
      this.mix(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    }
    for (; i < length; i++) this.mix(bytes[i]!)
  }

  /** Two 32-bit hashes: FNV-1a over words, and a multiplicative one. */
  private mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x01000193)
    this.high = (Math.imul(this.high, 31) + word) | 0
  }
}
