/**
 * Lets the seed decide what the peer libraries draw by Math.random: whom, among equally near peers, a peer connects to. That is most of what makes
 * the meshes of two runs differ.
 *
 * A page runs many peers, and which of them draws first depends on the network; so each draws from a generator of its own. A
 * library asks a peer's `position` just before it draws for it, in the same turn of the event loop: by that it is known whose draw it is. What
 * anyone else draws stays random.
 */
import type { Position } from './messages/comms-message'
import type { Random } from './randomness'

const unseeded = Math.random
let drawing: Random | undefined

/** The same function, after which Math.random draws from `random` until the end of this turn. */
export function drawingFrom(random: Random, position: () => Position): () => Position {
  Math.random = seeded
  return () => {
    if (!drawing) queueMicrotask(() => (drawing = undefined))
    drawing = random
    return position()
  }
}

function seeded(): number {
  return drawing ? drawing.uniform(0, 1) : unseeded()
}
