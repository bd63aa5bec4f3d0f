import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { it } from 'node:test'
import type { Request } from 'express'
import { BytesInFlight } from './bytes-in-flight'

const LARGE = 100_000

/** A request that declares a length; it arrives by `emit('data', …)`. */
function requestOf(length: number, encoding?: string) {
  const headers = {
    'content-length': String(length),
    ...(encoding !== undefined && { 'content-encoding': encoding })
  }
  let isCut = false
  const request = Object.assign(new EventEmitter(), { headers, socket: { destroy: () => (isCut = true) } })
  return {
    request: request as unknown as Request,
    arrive: (bytes: number) => request.emit('data', Buffer.alloc(bytes)),
    isCut: () => isCut
  }
}

it('cuts off the oldest body when all together hold too much', () => {
  const inFlight = new BytesInFlight(2.5 * LARGE)
  const all = [1, 2, 3].map(() => requestOf(LARGE))
  const ends = all.map(({ request }) => inFlight.track(request, LARGE))
  for (const { arrive } of all) arrive(LARGE / 2)
  assert.deepEqual(
    all.map(({ isCut }) => isCut()),
    [false, false, false]
  )
  for (const { arrive } of all) arrive(LARGE / 2)
  assert.deepEqual(
    all.map(({ isCut }) => isCut()),
    [true, false, false]
  )
  for (const end of ends) end()
  // The rest of a body that was refused.
  for (const { arrive } of all) arrive(LARGE)
  const next = requestOf(LARGE)
  inFlight.track(next.request, LARGE)
  next.arrive(2 * LARGE)
  assert.deepEqual(
    [next, ...all].map(({ isCut }) => isCut()),
    [false, true, false, false],
    'the others hold nothing any more'
  )
  next.arrive(LARGE)
  assert.equal(next.isCut(), true, 'nothing was taken off twice')
})

it('counts what a compressed body may become, and a small one by its declaration', () => {
  const inFlight = new BytesInFlight(LARGE)
  const small = requestOf(1_000)
  inFlight.track(small.request, LARGE)
  const compressed = requestOf(10, 'gzip')
  inFlight.track(compressed.request, LARGE)
  assert.equal(small.isCut(), false)
  compressed.arrive(10)
  assert.equal(small.isCut(), true)
})
