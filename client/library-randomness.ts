/**
 * Lets the seed decide what the peer libraries draw with Math.random: which of several equally near peers a
 * peer connects to. This accounts for most of the difference between the meshes of two runs.
 *
 * The network decides which of a page's peers draws first, so each draws from its own generator. A library
 * asks for a peer's `position` just before it draws for that peer, in the same turn of the event loop, which
 * reveals whose draw it is. All other draws stay random.
 */
import type { Position } from './messages/comms-message'
import type { Random } from './randomness'

const unseeded = Math.random
let drawing: Random | undefined

/** Wraps `position`: after each call, Math.random draws from `random` until the end of that turn. */
export function drawingFrom(random: Random, position: () => Position): () => Position {
  Math.random = seeded
  return () => {
    if (!drawing) queueMicrotask(() => (drawing = undefined))
    drawing = random
    return position()
  }
}

const seeded = () => (drawing ? drawing.uniform(0, 1) : unseeded())
