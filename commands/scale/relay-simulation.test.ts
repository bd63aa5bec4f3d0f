import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { xoroshiro128plus } from 'pure-rand'
import { meanSpread, randomMesh, spread, type Relaying } from './relay-simulation'

const RELIABLE: Relaying = { optimistic: false, deduplicated: true, ttl: 10 }
const FAITHFUL: Relaying = { optimistic: true, deduplicated: false, ttl: 10 }
const TRIANGLE = [
  [1, 2],
  [0, 2],
  [0, 1]
]
const LINE = [[1], [0, 2], [1, 3], [2]]

describe('a message that spreads', () => {
  for (const { what, mesh, relaying, packets, reached } of [
    { what: 'along a line crosses each link once', mesh: LINE, relaying: RELIABLE, packets: 3, reached: 3 },
    {
      what: 'goes no farther than its ttl',
      mesh: LINE,
      relaying: { ...RELIABLE, ttl: 2 },
      packets: 2,
      reached: 2
    },
    {
      what: 'crosses the far side of a triangle both ways',
      mesh: TRIANGLE,
      relaying: RELIABLE,
      packets: 4,
      reached: 2
    },
    {
      what: 'does not, where the sender presumes both have it',
      mesh: TRIANGLE,
      relaying: FAITHFUL,
      packets: 2,
      reached: 2
    }
  ]) {
    it(what, () => {
      const { packets: counted, reached: heard } = spread(mesh, 0, relaying)
      assert.deepEqual({ counted, heard }, { counted: packets, heard: reached })
    })
  }

  it('goes round a ring both ways until a packet meets a peer that it knows', () => {
    const ring = Array.from({ length: 6 }, (_, peer) => [(peer + 5) % 6, (peer + 1) % 6])
    // The two meet at the far peer; the first to be there is relayed once more.
    assert.equal(spread(ring, 0, RELIABLE).packets, 7)
    // Nobody recognises copies: both go on to where they came from.
    assert.equal(spread(ring, 0, FAITHFUL).packets, 8)
  })

  it('has no duplicates in a full mesh', () => {
    const { packetsPerMessage, reach } = meanSpread(
      { peers: 30, targetConnections: 29, maxConnections: 29 },
      FAITHFUL,
      3
    )
    assert.deepEqual({ packetsPerMessage, reach }, { packetsPerMessage: 1, reach: 1 })
  })

  it('says where it was cut off', () => {
    const { cutOff } = meanSpread({ peers: 100, targetConnections: 4, maxConnections: 7 }, FAITHFUL, 3)
    assert.equal(cutOff, true)
  })
})

/** Links of the mesh, and packets received for each message that arrived, of tests of 10 peers (layers 0.2.20, routine stand). */
const MEASURED_MESHES = [
  {
    links:
      '0-2 0-3 0-5 0-6 0-7 0-8 0-9 1-2 1-3 1-4 1-5 1-8 1-9 2-3 2-4 2-6 2-7 3-4 3-5 3-7 3-8 3-9 4-5 4-6 4-8 5-6 5-7 7-9',
    packetsPerMessage: 2.775
  },
  {
    links:
      '0-1 0-2 0-3 0-4 0-5 0-6 0-7 0-9 1-2 1-3 1-4 1-5 1-7 1-9 2-3 2-4 2-6 3-4 3-5 3-6 3-7 4-5 4-8 5-6 5-8 6-7 6-8 6-9 7-8 7-9',
    packetsPerMessage: 2.605
  }
]

describe('the simulation', () => {
  for (const { links, packetsPerMessage } of MEASURED_MESHES) {
    it(`finds the ${packetsPerMessage} packets a message that were measured on a mesh, to 2 %`, () => {
      const mesh = meshOf(links)
      const spreads = mesh.map((_, sender) => spread(mesh, sender, FAITHFUL))
      const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
      const simulated =
        sum(spreads.map(({ packets }) => packets)) / sum(spreads.map(({ reached }) => reached))
      assert.ok(Math.abs(simulated / packetsPerMessage - 1) < 0.02, `${simulated}`)
    })
  }
})

function meshOf(links: string): number[][] {
  const mesh: number[][] = Array.from({ length: 10 }, () => [])
  for (const link of links.split(' ')) {
    const [a, b] = link.split('-').map(Number)
    mesh[a!]!.push(b!)
    mesh[b!]!.push(a!)
  }
  return mesh
}

describe('a random mesh', () => {
  for (const peers of [2, 5, 20, 100]) {
    it(`of ${peers} peers is of one piece, symmetric, and within its limits`, () => {
      const shape = { peers, targetConnections: 4, maxConnections: 7 }
      const mesh = randomMesh(shape, xoroshiro128plus(peers))
      mesh.forEach((neighbours, peer) => {
        assert.ok(
          neighbours.length <= 7 && neighbours.length >= Math.min(4, peers - 1),
          `${neighbours.length}`
        )
        for (const neighbour of neighbours) assert.ok(mesh[neighbour]!.includes(peer))
      })
      assert.equal(spread(mesh, 0, { ...RELIABLE, ttl: peers }).reached, peers - 1)
    })
  }
})
