/**
 * What a peer's router does with datagrams from outside (RFC 4787). `open`: the same port for all peers, and
 * everyone may send to it. `restricted`: the same port for all, but only those that the peer has sent to may
 * answer. `symmetric`: the same, and a port of its own for each destination.
 */
export type Nat = 'open' | 'restricted' | 'symmetric'

/** What happens to packets between two peers, one way. */
export interface Path {
  /** ms, one way between two peers. */
  delay: number
  /** Standard deviation of the delay, in ms. The delay varies slowly, and packets stay in order. */
  jitter: number
  /** Share of packets lost one way between two peers, 0 to 1. */
  loss: number
  /** Mean length of a time in which everything is lost, in ms; 0: each packet is lost on its own. */
  burst: number
  /** Share of packets that skip the delay and so overtake others, 0 to 1 (like `reorder` in tc-netem(8)). */
  reorder: number
}

/**
 * A peer's line. The figures of the path apply **one way, between two peers on the same kind of line**; `up`
 * and `down` are the rates of one peer, which all its connections share.
 */
export interface Link extends Path {
  /** bit/s towards the peer; Infinity means unlimited. */
  down: number
  /** bit/s from the peer; Infinity means unlimited. */
  up: number
  nat: Nat
}

export const PERFECT: Readonly<Link> = {
  delay: 0,
  jitter: 0,
  loss: 0,
  burst: 0,
  reorder: 0,
  down: Infinity,
  up: Infinity,
  nat: 'open'
}

const MBIT = 1e6

const line = (figures: Partial<Link>): Link => ({ ...PERFECT, ...figures })

/** docs/networks.md cites the sources of the figures. */
export const PROFILES: Readonly<Record<string, Readonly<Link>>> = {
  /** The network of the machine itself, unchanged. */
  perfect: PERFECT,
  lan: line({ delay: 2, down: 1000 * MBIT, up: 1000 * MBIT }),
  /** By cable or fibre. */
  home: line({ delay: 20, loss: 0.002, down: 100 * MBIT, up: 20 * MBIT }),
  'wifi-lossy': line({ delay: 30, loss: 0.03, down: 20 * MBIT, up: 10 * MBIT }),
  '4g': line({ delay: 70, loss: 0.005, down: 12 * MBIT, up: 12 * MBIT }),
  '3g': line({ delay: 300, loss: 0.01, down: 1.6 * MBIT, up: 0.768 * MBIT }),
  satellite: line({ delay: 600, loss: 0.01, down: 25 * MBIT, up: 3 * MBIT })
}

export const hasRate = ({ up, down }: Link) => up < Infinity || down < Infinity

/**
 * The half of a link that one peer contributes. Delays and squares of independent deviations add up, and a
 * packet must survive both ends: two halves of one link make exactly that link ({@link pathBetween}).
 */
export const shareOf = (link: Link): Link => ({
  ...link,
  delay: link.delay / 2,
  jitter: link.jitter / Math.SQRT2,
  loss: 1 - Math.sqrt(1 - link.loss),
  reorder: 1 - Math.sqrt(1 - link.reorder)
})

export function pathBetween(sender: Link, receiver: Link): Path {
  const [from, to] = [shareOf(sender), shareOf(receiver)]
  const losses = from.loss + to.loss
  return {
    delay: from.delay + to.delay,
    jitter: Math.hypot(from.jitter, to.jitter),
    loss: 1 - (1 - from.loss) * (1 - to.loss),
    // The mean of both ends, weighted by how much each loses.
    burst: losses > 0 ? (from.burst * from.loss + to.burst * to.loss) / losses : 0,
    reorder: 1 - (1 - from.reorder) * (1 - to.reorder)
  }
}

/**
 * Whether two peers find each other through their routers without TURN. A `restricted` peer drops what comes
 * from a port that it has not sent to, and nobody can know the port that a `symmetric` one will use.
 */
export const canTraverse = (...ends: [Nat, Nat]) => ends.includes('open') || !ends.includes('symmetric')
