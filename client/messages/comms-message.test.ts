import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeMessage, encodeMessage, KEEP_ALIVE, type Content } from './comms-message'

const float = fc.float({ noNaN: true, noDefaultInfinity: true })
const content = fc.oneof(
  fc.record({ kind: fc.constant('position' as const), position: fc.tuple(float, float, float) }),
  fc.record({ kind: fc.constant('profile' as const), version: fc.string(), userId: fc.string() }),
  fc.record({ kind: fc.constant('chat' as const), id: fc.string(), text: fc.string() })
)

const times = fc.double({ min: 0, max: 1e13, noNaN: true })
const latenesses = fc.float({ min: 0, max: 1e6, noNaN: true })

describe('comms messages', () => {
  it('decode to what was encoded, with the exact time', () =>
    fc.assert(
      fc.property(times, content, latenesses, (time, sent: Content, lateness) => {
        const received = decodeMessage('a', encodeMessage('a', time, sent, lateness))
        assert.equal(received?.kind, sent.kind)
        assert.equal(received.time, time)
        assert.ok(Math.abs(received.lateness! - lateness) <= 0.004 * lateness + 1e-35)
        assert.deepEqual(received.position, sent.kind === 'position' ? sent.position : undefined)
      })
    ))

  it('show every flipped bit, and another sender', () =>
    fc.assert(
      fc.property(times, content, latenesses, fc.nat(), (time, sent: Content, lateness, place) => {
        const payload = encodeMessage('a', time, sent, lateness)
        assert.equal(decodeMessage('b', payload), undefined)
        const bit = place % (8 * payload.length)
        payload[bit >>> 3]! ^= 1 << (bit & 7)
        assert.equal(decodeMessage('a', payload), undefined)
      })
    ))

  it('have one size, however late they are', () => {
    const content: Content = { kind: 'position', position: [1, 2, 3] }
    const [onTime, late] = [encodeMessage('a', 5, content), encodeMessage('a', 5, content, 812.25)]
    assert.equal(late.length, onTime.length)
    assert.equal(decodeMessage('a', onTime)?.lateness, 0)
  })

  it('can keep the mesh alive, and nothing else', () => {
    const payload = encodeMessage('a', 5, { kind: 'position', position: [1, 2, 3] }, KEEP_ALIVE)
    assert.equal(decodeMessage('a', payload)?.lateness, undefined)
  })

  it("have Decentraland's shape on the wire, and our stamp behind it", () => {
    const bytes = encodeMessage('a', 1, { kind: 'profile', version: '1', userId: 'ab' })
    // field 1: double 1; field 3: a message of field 1 "1" and field 2 "ab"; field 15: lateness 0, checksum
    assert.match(Buffer.from(bytes).toString('hex'), /^09000000000000f03f1a070a0131120261627d0000.{4}$/)
  })

  it('are undefined if they are no messages', () => {
    for (const hex of ['', '00', '0901', '09000000000000f03f1a070a013112026162'])
      assert.equal(decodeMessage('a', Buffer.from(hex, 'hex')), undefined)
  })
})
