import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualTime } from '../testing/virtual-time'
import { awaitIsland, type Arrival } from './awaiting-island'

const time = new VirtualTime()

/** Waits with islands that are assigned so many ms after each arrival; notes when it leaves and returns. */
function wait(...assigned: number[]): { waiting: Promise<void>; moves: string[] } {
  const begin = performance.now()
  const moves: string[] = []
  const note = (move: string) => moves.push(`${move} ${performance.now() - begin}`)
  const arrive = (): Arrival => {
    const after = assigned.shift()
    note('arrives')
    return {
      island: new Promise((resolve) => {
        if (after !== undefined) setTimeout(resolve, after)
      }),
      leave: () => Promise.resolve(void note('leaves'))
    }
  }
  const waiting = awaitIsland(arrive(), () => Promise.resolve(arrive())).then(
    () => void note('is in an island')
  )
  return { waiting, moves }
}

describe('a peer of islands', () => {
  it('waits for its island', async () => {
    const { waiting, moves } = wait(6000)
    await time.until(waiting)
    assert.deepEqual(moves, ['arrives 0', 'is in an island 6000'])
  })

  it('that the Lighthouse takes for one that left, leaves for three seconds and comes back', async () => {
    const { waiting, moves } = wait(600_000, 2000)
    await time.until(waiting)
    assert.deepEqual(moves, ['arrives 0', 'leaves 7000', 'arrives 10000', 'is in an island 12000'])
  })

  it('comes back only once, and says so', async () => {
    const { waiting } = wait()
    await assert.rejects(
      time.until(waiting),
      /no island in 7 s, nor in 60 s after the peer had left and come back/
    )
  })
})
