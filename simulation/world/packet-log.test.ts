import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualTime } from '../engine/virtual-time'
import type { Packet } from '../network/data-channel'
import { PacketLog } from './packet-log'

const digestOf = (packet: Packet) => {
  const log = new PacketLog(new VirtualTime())
  log.add(0, packet)
  return log.digest()
}

describe('the digest of packets', () => {
  it('is equal for equal ones only, whichever byte differs', () => {
    const bytes = Uint8Array.from({ length: 135 }, (_, index) => index)
    const changed = Array.from(bytes, (_, index) => digestOf(bytes.with(index, 255)))
    assert.equal(digestOf(bytes.slice()), digestOf(bytes))
    assert.equal(new Set([digestOf(bytes), ...changed]).size, 1 + bytes.length)
  })

  it('is equal for equal texts only', () => {
    const texts = ['0123456789', '0123456789', '0123456780', '1123456789', '012345678']
    assert.equal(new Set(texts.map(digestOf)).size, 4)
  })
})
