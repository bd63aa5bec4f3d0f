import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { asymmetricLinks, components, degrees, links, PATH_SOURCES, shortestPaths, type Graph } from './graph'

const graph = (peers: Record<string, string>): Graph =>
  new Map(Object.entries(peers).map(([peer, neighbours]) => [peer, Array.from(neighbours)]))

describe('Facts about a mesh', () => {
  const cases: {
    name: string
    peers: Record<string, string>
    parts: string[]
    linked: string[]
    oneSided: string[]
    paths: number[]
  }[] = [
    { name: 'nobody', peers: {}, parts: [], linked: [], oneSided: [], paths: [0] },
    { name: 'one peer alone', peers: { a: '' }, parts: ['a'], linked: [], oneSided: [], paths: [0] },
    { name: 'a pair', peers: { a: 'b', b: 'a' }, parts: ['ab'], linked: ['ab'], oneSided: [], paths: [0, 2] },
    {
      name: 'a pair of which one knows',
      peers: { a: '', b: 'a' },
      parts: ['ab'],
      linked: ['ab'],
      oneSided: ['ba'],
      paths: [0, 2]
    },
    {
      name: 'a line',
      peers: { a: 'b', b: 'ac', c: 'b' },
      parts: ['abc'],
      linked: ['ab', 'bc'],
      oneSided: [],
      paths: [0, 4, 2]
    },
    {
      name: 'two parts, the larger first',
      peers: { a: '', b: 'c', c: 'b' },
      parts: ['bc', 'a'],
      linked: ['bc'],
      oneSided: [],
      paths: [0, 2]
    },
    {
      name: 'a neighbour that has left',
      peers: { a: 'bx', b: 'a' },
      parts: ['ab'],
      linked: ['ab'],
      oneSided: [],
      paths: [0, 2]
    },
    {
      name: 'a peer that names itself',
      peers: { a: 'ab', b: 'a' },
      parts: ['ab'],
      linked: ['ab'],
      oneSided: [],
      paths: [0, 2]
    }
  ]
  for (const { name, peers, parts, linked, oneSided, paths } of cases) {
    test(name, () => {
      const mesh = graph(peers)
      assert.deepEqual(
        components(mesh).map((part) => part.join('')),
        parts
      )
      assert.deepEqual(
        links(mesh).map((ends) => ends.join('')),
        linked
      )
      assert.deepEqual(
        asymmetricLinks(mesh).map((ends) => ends.join('')),
        oneSided
      )
      assert.deepEqual(shortestPaths(mesh), paths)
    })
  }
})

const randomGraph = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 25 }))
  .map(([size, ends]) => {
    const mesh = new Map(Array.from({ length: size }, (_, peer) => [`p${peer}`, new Set<string>()]))
    for (const [a, b] of ends) mesh.get(`p${a}`)?.add(`p${b}`)
    return mesh
  })

test('components, paths and degrees agree with distances of all pairs (Floyd–Warshall)', () =>
  fc.assert(
    fc.property(randomGraph, (mesh) => {
      const peers = [...mesh.keys()]
      const linked = (a: string, b: string) => a !== b && (mesh.get(a)!.has(b) || mesh.get(b)!.has(a))
      const distances = peers.map((a) => peers.map((b) => (a === b ? 0 : linked(a, b) ? 1 : Infinity)))
      peers.forEach((_, k) =>
        peers.forEach((__, i) =>
          peers.forEach((___, j) => {
            distances[i]![j] = Math.min(distances[i]![j]!, distances[i]![k]! + distances[k]![j]!)
          })
        )
      )
      const found = distances.flat().filter((distance) => distance > 0 && distance < Infinity)
      const counts = shortestPaths(mesh)
      counts.forEach((count, length) =>
        assert.equal(count, found.filter((distance) => distance === length).length)
      )
      for (const part of components(mesh)) {
        for (const [i, peer] of peers.entries()) {
          const reachable = distances[i]![peers.indexOf(part[0]!)]! < Infinity
          assert.equal(part.includes(peer), reachable)
        }
      }
      const degreeSum = [...degrees(mesh).values()].reduce((sum, degree) => sum + degree, 0)
      assert.equal(degreeSum, 2 * links(mesh).length)
    })
  ))

test('a large mesh is sampled, alike each time', () => {
  const size = 2 * PATH_SOURCES
  const ring = new Map(
    Array.from({ length: size }, (_, peer) => [
      `p${peer}`,
      [`p${(peer + 1) % size}`, `p${(peer + size - 1) % size}`]
    ])
  )
  const counts = shortestPaths(ring)
  assert.deepEqual(counts, shortestPaths(ring))
  // From each source, there are two peers at each distance below half the ring, and one at half.
  assert.equal(counts[1], 2 * PATH_SOURCES)
  assert.equal(counts[size / 2], PATH_SOURCES)
})
