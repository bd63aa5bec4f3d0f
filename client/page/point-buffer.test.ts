import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../protocol/api-client'
import type { BatchPoint } from '../../protocol/data-point'
import { PointBuffer } from './point-buffer'

const CAPACITY = 100

const point = (sequence: number): BatchPoint => ({ peerId: 'p', sequence })

function filled(count: number, buffer: PointBuffer): PointBuffer {
  for (let sequence = 0; sequence < count; sequence++) buffer.add(point(sequence))
  return buffer
}

describe('PointBuffer', () => {
  it('sends all in batches, in order', async () => {
    const batches: number[][] = []
    const send = (points: BatchPoint[]) =>
      Promise.resolve(batches.push(points.map(({ sequence }) => sequence)))
    await filled(5, new PointBuffer(send, CAPACITY, 2)).flush()
    assert.deepEqual(batches, [[0, 1], [2, 3], [4]])
  })

  for (const trouble of [
    new Error('away'),
    ...[408, 429, 500].map((status) => new ApiError(status, '', `${status}`))
  ])
    it(`keeps what could not be sent (${trouble.message}), and sends it with the next flush`, async () => {
      let isAway = true
      const sent: number[] = []
      const buffer = filled(
        3,
        new PointBuffer((points) => {
          if (isAway) return Promise.reject(trouble)
          return Promise.resolve(sent.push(...points.map(({ sequence }) => sequence)))
        })
      )
      await assert.rejects(buffer.flush(), trouble)
      assert.deepEqual(sent, [])
      isAway = false
      await buffer.flush()
      assert.deepEqual(sent, [0, 1, 2])
      assert.equal(buffer.dropped, 0)
    })

  it('drops the oldest when it is full, and counts them', async () => {
    const sent: number[] = []
    const send = (points: BatchPoint[]) =>
      Promise.resolve(sent.push(...points.map(({ sequence }) => sequence)))
    const buffer = filled(10, new PointBuffer(send, 4))
    assert.equal(buffer.dropped, 6)
    await buffer.flush()
    assert.deepEqual(sent, [6, 7, 8, 9])
  })

  it('halves the batch that is too large for the server', async () => {
    const lengths: number[] = []
    const send = (points: BatchPoint[]) => {
      lengths.push(points.length)
      return points.length > 2
        ? Promise.reject(new ApiError(413, 'body-too-large', 'too large'))
        : Promise.resolve()
    }
    await filled(8, new PointBuffer(send, CAPACITY, 8)).flush()
    assert.deepEqual(lengths, [8, 4, 2, 2, 2, 2])
  })

  it('gives up what the server refuses for good, and counts it', async () => {
    const buffer = filled(
      3,
      new PointBuffer(() => Promise.reject(new ApiError(409, 'test-finished', 'finished')))
    )
    await assert.rejects(buffer.flush(), { code: 'test-finished' })
    assert.equal(buffer.dropped, 3)
    await buffer.flush()
  })

  it('has one flush at a time', async () => {
    let underWay = 0
    let sends = 0
    const buffer = filled(
      4,
      new PointBuffer(
        async () => {
          assert.equal(++underWay, 1)
          sends++
          await Promise.resolve()
          underWay--
        },
        CAPACITY,
        1
      )
    )
    await Promise.all([buffer.flush(), buffer.flush()])
    assert.equal(sends, 4)
  })
})
