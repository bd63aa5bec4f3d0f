import type { MessageTypes } from '../protocol/names'

/** How messages spread: by the library's own mesh, faithful or deduplicated, or in a full mesh. */
type Spreading = MessageTypes | 'full'
type Counted = readonly [peers: number, packetsPerMessage: number, bytesPerPacket: number]

/**
 * Counted in virtual time by `npm run bench:growth` of commit 652df6b: layers 0.2.20, routine `stand`. By
 * peers in the mesh, ascending.
 */
export const COUNTED: Readonly<Record<Spreading, readonly Counted[]>> = {
  faithful: [
    [4, 1.022, 314.8],
    [8, 1.854, 452.1],
    [10, 2.827, 523.9],
    [12, 4.254, 594.6],
    [14, 7.17, 672.7],
    [16, 11.05, 744.9],
    [18, 18.45, 823],
    [20, 27.38, 897.4],
    [22, 43.15, 966.8]
  ],
  deduplicated: [
    [4, 1.022, 323.5],
    [8, 1.764, 458.4],
    [12, 2.495, 569.2],
    [16, 3.093, 650],
    [20, 3.385, 698.6],
    [30, 3.805, 788.4],
    [50, 4.197, 905.3],
    [70, 4.402, 971],
    [100, 4.475, 1031]
  ],
  full: [
    [4, 1.022, 323.5],
    [8, 1.117, 471.9],
    [16, 1.099, 796.9],
    [30, 1.231, 1237],
    [50, 1.475, 1674],
    [100, 1.861, 2548]
  ]
}

/**
 * Packets received for each message that arrives, and their bytes, between counted sizes on logarithmic
 * scales. `isLeast`: the mesh is larger than any counted one, so the real cost is higher.
 */
export function messageCost(peers: number, spreading: Spreading) {
  const costs = COUNTED[spreading]
  const above = costs.findIndex(([counted]) => counted >= peers)
  const isLeast = above < 0
  const upper = costs.at(isLeast ? -1 : above)!
  const lower = isLeast ? upper : (costs[above - 1] ?? upper)
  const share = lower === upper ? 0 : Math.log(peers / lower[0]) / Math.log(upper[0] / lower[0])
  const between = (column: 1 | 2) => lower[column] * (upper[column] / lower[column]) ** share
  return { packetsPerMessage: between(1), bytesPerPacket: between(2), isLeast }
}
