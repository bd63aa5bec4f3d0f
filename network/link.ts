/** A peer's line to the internet, and the path that two peers' lines form between them. */

/**
 * A peer's line. `delay`, `jitter` and `loss` apply **one way, between two peers on the same kind of line**;
 * `up` and `down` are the rates of one peer.
 */
export interface Link {
  /** ms, one way between two peers. */
  delay: number
  /** Standard deviation of the delay, in ms (normal distribution). Packets stay in order. */
  jitter: number
  /** Share of packets lost one way between two peers, 0 to 1. */
  loss: number
  /** Share of packets that skip the delay and so overtake others, 0 to 1 (like `reorder` in tc-netem(8)). */
  reorder: number
  /** bit/s towards the peer; Infinity means unlimited. */
  down: number
  /** bit/s from the peer; Infinity means unlimited. */
  up: number
}

export const PERFECT: Readonly<Link> = {
  delay: 0,
  jitter: 0,
  loss: 0,
  reorder: 0,
  down: Infinity,
  up: Infinity
}

/** What happens to packets between two peers, one way. */
export interface Path {
  /** ms. */
  delay: number
  /** ms, standard deviation. */
  jitter: number
  loss: number
  reorder: number
  /** bit/s of the narrower end. */
  rate: number
}

/**
 * The half of a link that one peer contributes. Delays add up, the squares of independent deviations add up,
 * and a packet survives if it survives both ends: two halves of one link combine to exactly that link ({@link
 * pathBetween}).
 */
export function shareOf(link: Link): Link {
  return {
    ...link,
    delay: link.delay / 2,
    jitter: link.jitter / Math.SQRT2,
    loss: 1 - Math.sqrt(1 - link.loss),
    reorder: 1 - Math.sqrt(1 - link.reorder)
  }
}

/** The path from one peer to another: the sender's half and the receiver's half. */
export function pathBetween(sender: Link, receiver: Link): Path {
  const [from, to] = [shareOf(sender), shareOf(receiver)]
  return {
    delay: from.delay + to.delay,
    jitter: Math.hypot(from.jitter, to.jitter),
    loss: 1 - (1 - from.loss) * (1 - to.loss),
    reorder: 1 - (1 - from.reorder) * (1 - to.reorder),
    rate: Math.min(sender.up, receiver.down)
  }
}
