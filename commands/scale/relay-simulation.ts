/**
 * How often a message crosses a link before all have it: the peer library's relaying, followed packet by packet on a
 * random mesh. It says what a peer has to receive as a room grows, without a browser.
 */
import { unsafeUniformIntDistribution as uniformInt, xoroshiro128plus, type RandomGenerator } from 'pure-rand'

export interface MeshShape {
  peers: number
  /** Connections that a joining peer dials. */
  targetConnections: number
  /** Connections that a peer has at most. */
  maxConnections: number
}

/** How the library treats a message (client/peer-libraries/message-types.ts). */
export interface Relaying {
  /** The sender presumes that all it sends to will have it, and says so in the packet. */
  optimistic: boolean
  /** Copies are recognised, and not relayed again. */
  deduplicated: boolean
  /** Links that a packet may cross. */
  ttl: number
}

export interface Spread {
  /** Packets received by all, for one message. */
  packets: number
  /** Peer ids that these packets carry as having received it: what makes packets long. */
  ids: number
  /** Peers that it reached, the sender aside. */
  reached: number
  /** Whether it was cut off at {@link PACKET_LIMIT}. */
  cutOff: boolean
}

/** Beyond that many packets for one message the mesh is of no use, and counting on of no interest. */
export const PACKET_LIMIT = 20_000

/**
 * Neighbours of each peer. Each one dials random peers in the order of joining; one that is full then drops a neighbour that
 * can spare it.
 */
export function randomMesh(shape: MeshShape, random: RandomGenerator): number[][] {
  const mesh = Array.from({ length: shape.peers }, () => new Set<number>())
  for (let joiner = 1; joiner < shape.peers; joiner++) {
    const present = Array.from({ length: joiner }, (_, peer) => peer)
    while (mesh[joiner]!.size < shape.targetConnections && present.length > 0) {
      const [peer] = present.splice(uniformInt(0, present.length - 1, random), 1)
      if (mesh[peer!]!.size >= shape.maxConnections && !dropOne(mesh, peer!, shape.targetConnections))
        continue
      mesh[joiner]!.add(peer!)
      mesh[peer!]!.add(joiner)
    }
  }
  return mesh.map((neighbours) => [...neighbours])
}

/** False where every neighbour needs its connection. */
function dropOne(mesh: Set<number>[], peer: number, targetConnections: number): boolean {
  const spare = [...mesh[peer]!].find((neighbour) => mesh[neighbour]!.size > targetConnections)
  if (spare === undefined) return false
  mesh[peer]!.delete(spare)
  mesh[spare]!.delete(peer)
  return true
}

interface Packet {
  to: number
  hops: number
  /** Bit set of the peers that the packet says have it. */
  receivedBy: bigint
}

/**
 * Follows one message of `sender` until no packet is left, link by link at equal pace: what arrives first is relayed first. Newer
 * messages of the same sender, which make peers drop older copies, are left aside.
 */
export function spread(neighbours: number[][], sender: number, relaying: Relaying): Spread {
  const has = new Set([sender])
  let packets = 0
  let ids = 0
  let wave = send(neighbours, sender, 0n, 0, relaying)
  while (wave.length > 0) {
    const next: Packet[] = []
    for (const { to, hops, receivedBy } of wave) {
      packets++
      ids += bitCount(receivedBy)
      if (packets >= PACKET_LIMIT) return { packets, ids, reached: has.size - 1, cutOff: true }
      if (has.has(to) && relaying.deduplicated) continue
      has.add(to)
      if (hops < relaying.ttl) next.push(...send(neighbours, to, receivedBy, hops, relaying))
    }
    wave = next
  }
  return { packets, ids, reached: has.size - 1, cutOff: false }
}

function send(
  neighbours: number[][],
  from: number,
  receivedBy: bigint,
  hops: number,
  { optimistic }: Relaying
): Packet[] {
  const known = receivedBy | (1n << BigInt(from))
  const targets = neighbours[from]!.filter((peer) => ((known >> BigInt(peer)) & 1n) === 0n)
  const told = optimistic ? targets.reduce((all, peer) => all | (1n << BigInt(peer)), known) : known
  return targets.map((to) => ({ to, hops: hops + 1, receivedBy: told }))
}

function bitCount(bits: bigint): number {
  let count = 0
  for (let rest = bits; rest > 0n; rest >>= 32n) count += bitCount32(Number(rest & 0xffffffffn))
  return count
}

/** Of 32 bits, adding ever longer fields: https://graphics.stanford.edu/~seander/bithacks.html#CountBitsSetParallel */
function bitCount32(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555)
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Means over random meshes, one sender in each. */
export interface MeanSpread {
  /** Packets that one peer receives for each message that reaches it. */
  packetsPerMessage: number
  idsPerPacket: number
  /** Share of the peers that a message reaches. */
  reach: number
  /** Whether some message was cut off: then `packetsPerMessage` is a lower bound. */
  cutOff: boolean
}

export function meanSpread(shape: MeshShape, relaying: Relaying, meshes: number, seed = 1): MeanSpread {
  const random = xoroshiro128plus(seed)
  const spreads = Array.from({ length: meshes }, () =>
    spread(randomMesh(shape, random), uniformInt(0, shape.peers - 1, random), relaying)
  )
  const total = (value: (one: Spread) => number) => spreads.reduce((sum, one) => sum + value(one), 0)
  const reached = total(({ reached }) => reached)
  const packets = total((one) => one.packets)
  return {
    packetsPerMessage: packets / reached,
    idsPerPacket: total(({ ids }) => ids) / packets,
    reach: reached / (meshes * (shape.peers - 1)),
    cutOff: spreads.some(({ cutOff }) => cutOff)
  }
}
