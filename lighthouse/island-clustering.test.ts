import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rearrange, type Group } from './island-clustering'
import { distanceXZ, type Position } from './positions'

interface Walker {
  name: string
  position: Position
}

const RULES = { islandJoinDistance: 64, islandSplitDistance: 80, maxPeersPerIsland: 100 }

describe('rearrange', () => {
  const table: [string, Group<Walker>[], Walker[], string[]][] = [
    ['peers at the join distance come together', [], row(0, 64), ['? a b']],
    ['peers just beyond it do not', [], row(0, 64.1), ['? a', '? b']],
    ['height does not part them', [], [at('a', 0, 0), { name: 'b', position: [0, 500, 0] }], ['? a b']],
    ['a chain of near peers is one island', [], row(0, 60, 120, 180), ['? a b c d']],
    ['an island holds up to the split distance', [island('I1', ...row(0, 80))], [], ['I1 a b']],
    ['and no longer', [island('I1', ...row(0, 80.1))], [], ['I1 a', '? b']],
    ['the larger part keeps the id', [island('I1', ...row(0, 200, 210))], [], ['I1 b c', '? a']],
    [
      'the larger of two islands keeps its id',
      [island('I1', at('a', 0, 0)), island('I2', at('b', 60, 0), at('c', 70, 0))],
      [],
      ['I2 b c a']
    ],
    [
      'of two as large, the older one',
      [island('I1', at('a', 0, 0)), island('I2', at('b', 9, 0))],
      [],
      ['I1 a b']
    ],
    [
      'a newcomer joins whom it is near to',
      [island('I1', at('a', 0, 0)), island('I2', at('b', 500, 0))],
      [at('c', 450, 0)],
      ['I2 b c', 'I1 a']
    ],
    [
      'a newcomer in between brings two islands together',
      [island('I1', at('a', 0, 0)), island('I2', at('b', 120, 0))],
      [at('c', 60, 0)],
      ['I1 a c b']
    ]
  ]
  for (const [sentence, islands, newcomers, expected] of table) {
    it(sentence, () => {
      const result = rearrange(islands, newcomers, RULES).map(
        ({ id, members }) => `${id ?? '?'} ${members.map(({ name }) => name).join(' ')}`
      )
      assert.deepEqual(result.sort(), [...expected].sort())
    })
  }

  it('admits nobody to a full island', () => {
    const rules = { ...RULES, maxPeersPerIsland: 3 }
    const sizes = rearrange([], row(0, 1, 2, 3, 4, 5, 6), rules).map(({ members }) => members.length)
    assert.deepEqual(sizes, [3, 3, 1])
  })

  it('keeps its invariants wherever peers move', () => {
    const rules = { ...RULES, maxPeersPerIsland: 5 }
    const coordinate = fc.integer({ min: 0, max: 300 })
    const steps = fc.array(fc.array(fc.tuple(coordinate, coordinate), { minLength: 12, maxLength: 12 }), {
      minLength: 1,
      maxLength: 6
    })
    fc.assert(
      fc.property(steps, (walk) => {
        const peers = walk[0]!.map(([x, z], index) => at(String(index), x, z))
        let islands: Group<Walker>[] = []
        for (const [step, places] of walk.entries()) {
          peers.forEach((peer, index) => (peer.position = [places[index]![0], 0, places[index]![1]]))
          islands = rearrange(islands, step === 0 ? peers : [], rules)
          assertSound(islands, peers, rules)
          islands = islands.map((group, index) => ({ ...group, id: group.id ?? `${step}.${index}` }))
        }
      })
    )
  })
})

function assertSound(islands: Group<Walker>[], peers: Walker[], rules: typeof RULES): void {
  assert.deepEqual(
    islands.flatMap(({ members }) => members.map(({ name }) => name)).sort(),
    peers.map(({ name }) => name).sort(),
    'each peer is in one island'
  )
  const ids = islands.flatMap(({ id }) => (id ? [id] : []))
  assert.equal(new Set(ids).size, ids.length, 'an id names one island')
  for (const [index, { members }] of islands.entries()) {
    assert.ok(members.length <= rules.maxPeersPerIsland)
    assert.ok(isChain(members, rules.islandSplitDistance), 'an island hangs together')
    for (const other of islands.slice(index + 1)) {
      const fits = members.length + other.members.length <= rules.maxPeersPerIsland
      const gap = Math.min(
        ...members.flatMap((a) => other.members.map((b) => distanceXZ(a.position, b.position)))
      )
      assert.ok(!fits || gap > rules.islandJoinDistance, 'two islands that are near and fit are one')
    }
  }
}

function isChain(members: Walker[], distance: number): boolean {
  const reached = new Set(members.slice(0, 1))
  for (const member of reached) {
    for (const other of members) {
      if (distanceXZ(member.position, other.position) <= distance) reached.add(other)
    }
  }
  return reached.size === members.length
}

function at(name: string, x: number, z: number): Walker {
  return { name, position: [x, 0, z] }
}

/** Peers a, b, c … along the x axis. */
function row(...xs: number[]): Walker[] {
  return xs.map((x, index) => at(String.fromCharCode(97 + index), x, 0))
}

function island(id: string, ...members: Walker[]): Group<Walker> {
  return { id, members }
}
