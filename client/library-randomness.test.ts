import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drawingFrom } from './library-randomness'
import type { Position } from './messages/comms-message'
import { Random, STREAMS } from './randomness'

/** A peer whose library asks for its position and then draws. */
function peer(number: number): () => number {
  const position = drawingFrom(new Random(7, STREAMS.library, number), () => [number, 0, 0] as Position)
  return () => {
    assert.deepEqual(position(), [number, 0, 0])
    return Math.random()
  }
}

const turn = () => new Promise(setImmediate)

describe('what a library draws by Math.random', () => {
  it('depends on the seed and the peer, whichever peer draws first', () => {
    const [a, b] = [peer(1), peer(2)]
    const one = [a(), b(), a(), b()]
    const [c, d] = [peer(1), peer(2)]
    const other = { second: [d(), d()], first: [c(), c()] }
    assert.deepEqual(one, [other.first[0], other.second[0], other.first[1], other.second[1]])
    assert.notEqual(one[0], one[1])
  })

  it('may be drawn more than once for one question', () => {
    const draws = [peer(1)(), Math.random()]
    const again = [peer(1)(), Math.random()]
    assert.deepEqual(draws, again)
  })

  it('is random in the next turn', async () => {
    peer(1)()
    await turn()
    const first = Math.random()
    peer(1)()
    await turn()
    assert.notEqual(Math.random(), first)
  })
})
