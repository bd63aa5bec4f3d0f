import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeMessage, encodeMessage, type Content } from './comms-message'

const float = fc.float({ noNaN: true, noDefaultInfinity: true })
const content = fc.oneof(
  fc.record({ kind: fc.constant('position' as const), position: fc.tuple(float, float, float) }),
  fc.record({ kind: fc.constant('profile' as const), version: fc.string(), userId: fc.string() }),
  fc.record({ kind: fc.constant('chat' as const), id: fc.string(), text: fc.string() })
)

describe('comms messages', () => {
  it('decode to what was encoded, with the exact time', () => {
    const times = fc.double({ min: 0, max: 1e13, noNaN: true })
    fc.assert(
      fc.property(times, content, float, (time, sent: Content, lateness) => {
        const received = decodeMessage(encodeMessage(time, sent, lateness))
        assert.equal(received?.kind, sent.kind)
        assert.equal(received.time, time)
        assert.equal(received.lateness, lateness)
        assert.deepEqual(received.position, sent.kind === 'position' ? sent.position : undefined)
      })
    )
  })

  it('have one size, however late they are', () => {
    const content: Content = { kind: 'position', position: [1, 2, 3] }
    const [onTime, late] = [encodeMessage(5, content), encodeMessage(5, content, 812.25)]
    assert.equal(late.length, onTime.length)
    assert.equal(decodeMessage(onTime)?.lateness, 0)
  })

  it("have Decentraland's shape on the wire, and our lateness behind it", () => {
    const bytes = encodeMessage(1, { kind: 'profile', version: '1', userId: 'ab' })
    // field 1: double 1; field 3: a message of field 1 "1" and field 2 "ab"; field 15: float 0
    assert.equal(Buffer.from(bytes).toString('hex'), '09000000000000f03f1a070a0131120261627d00000000')
    const foreign = Buffer.from('09000000000000f03f1a070a013112026162', 'hex')
    assert.deepEqual(decodeMessage(foreign), { kind: 'profile', time: 1, lateness: 0 })
  })

  it('are undefined for other kinds, and refused if malformed', () => {
    assert.equal(decodeMessage(Uint8Array.from([])), undefined)
    assert.equal(decodeMessage(Buffer.from('09000000000000f03f2a00', 'hex')), undefined)
    assert.throws(() => decodeMessage(Uint8Array.from([9, 1])))
  })
})
