/** A digest of all packets that arrive on data channels: when, where, and their contents. */
import { createHash } from 'node:crypto'
import type { VirtualTime } from '../engine/virtual-time'
import type { Packet } from '../network/data-channel'

export class PacketLog {
  packets = 0
  private readonly hash = createHash('sha1')

  constructor(private readonly time: VirtualTime) {}

  readonly add = (connection: number, packet: Packet): void => {
    this.packets++
    this.hash.update(`${this.time.now} ${connection} ${packet.length} `).update(packet)
  }

  digest(): string {
    return this.hash.digest('hex').slice(0, 16)
  }
}
