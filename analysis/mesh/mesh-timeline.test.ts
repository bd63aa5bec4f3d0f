import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { gini, isWhole, LinkHistory, meantGroups, meshOverTime, type MeshPeer } from './mesh-timeline'

/**
 * A peer whose `told` gives the links at the end of each second from the start; `undefined` means no data
 * point.
 */
function peer(id: string, told: (string | undefined)[], joined = -1000, left = 1000 * told.length): MeshPeer {
  const links = new LinkHistory()
  told.forEach((neighbours, second) => {
    if (neighbours !== undefined) links.add(1000 * second, 1000 * (second + 1), Array.from(neighbours))
  })
  return { id, presence: { joined, left }, links }
}

const componentsOf = (peers: MeshPeer[], seconds: number) =>
  meshOverTime(peers, 0, 1000 * seconds).slices.map(({ components }) => components)

describe('Components over time', () => {
  test('a mesh that stood before the start is whole from the first slice', () =>
    assert.deepEqual(componentsOf([peer('a', ['b', 'b']), peer('b', ['a', 'a'])], 2), [1, 1]))

  test('a link that breaks is seen after the data points that tell of it', () => {
    assert.deepEqual(componentsOf([peer('a', ['b', 'b', '']), peer('b', ['a', 'a', ''])], 4), [1, 1, 1, 0])
    const longer = [peer('a', ['b', '', '', '']), peer('b', ['a', '', '', ''])]
    assert.deepEqual(componentsOf(longer, 4), [1, 1, 2, 2])
  })

  test('a newcomer counts once it has reported; until then the mesh is not whole', () => {
    const peers = [peer('a', ['', 'b', 'b', 'b']), peer('b', [undefined, undefined, 'a', 'a'], 1200)]
    const slices = meshOverTime(peers, 0, 4000).slices
    assert.deepEqual(
      slices.map((slice) => [slice.present, slice.known, slice.components, isWhole(slice)]),
      [
        [1, 1, 1, true],
        [2, 1, 1, false],
        [2, 1, 1, false],
        [2, 2, 1, true]
      ]
    )
  })

  test('a newcomer without a link counts as cut off only after a whole interval', () => {
    const others = [peer('a', ['b', 'b', 'b', 'b', 'b']), peer('b', ['a', 'a', 'a', 'a', 'a'])]
    const late = peer('c', [undefined, undefined, undefined, ''], 3900, 5000)
    assert.deepEqual(componentsOf([...others, late], 5), [1, 1, 1, 1, 1])
    const cutOff = peer('c', [undefined, '', '', '', ''], 1900, 5000)
    assert.deepEqual(componentsOf([...others, cutOff], 5), [1, 1, 1, 2, 2])
    const linked = peer('c', [undefined, '', 'a', 'a', 'a'], 1900, 5000)
    assert.deepEqual(componentsOf([...others, linked], 5), [1, 1, 1, 1, 1])
  })

  test('one that leaves no longer holds the others together', () => {
    const peers = [
      peer('a', ['b', 'b', 'b', 'b']),
      peer('b', ['ac', 'ac'], -1000, 2000),
      peer('c', ['b', 'b', 'b', 'b'])
    ]
    assert.deepEqual(componentsOf(peers, 4), [1, 1, 2, 2])
  })

  test('one that leaves in the middle of a slice, when no links change, is gone in the next and at the end', () => {
    const peers = [peer('a', ['b', 'b', 'b']), peer('b', ['a', 'a', 'a'], -1000, 1500)]
    const { slices, end } = meshOverTime(peers, 0, 3000)
    assert.deepEqual(
      slices.map(({ present }) => present),
      [2, 2, 1]
    )
    assert.deepEqual([...end!.keys()], ['a'])
  })

  test('the last mesh that anyone reported stays when all have left', () =>
    assert.deepEqual([...meshOverTime([peer('a', [''])], 0, 3000).end!.keys()], ['a']))

  test('a mesh is whole if all who are present report, in as few components as can hold them', () => {
    const whole = (present: number, known: number, count: number) =>
      isWhole({ at: 0, present, known, components: count })
    assert.deepEqual([whole(2, 2, 1), whole(101, 101, 2)], [true, true])
    assert.deepEqual([whole(2, 2, 2), whole(2, 1, 1), whole(0, 0, 0)], [false, false, false])
  })

  test('a week is cut into 600 slices', () =>
    assert.equal(meshOverTime([peer('a', [''])], 0, 7 * 24 * 3600 * 1000).slices.length, 600))
})

test('a late data point does not turn the history back, and an unchanged one adds nothing', () => {
  const links = new LinkHistory()
  links.add(0, 1000, ['b', 'c'])
  links.add(1000, 2000, ['c', 'b'])
  links.add(2000, 3000, ['b'])
  links.add(1000, 2000, ['b', 'c'])
  links.add(3000, 4000, ['d'])
  assert.deepEqual(
    links.changes.map(({ until, neighbours }) => [until, neighbours.join('')]),
    [
      [1000, 'bc'],
      [3000, 'b'],
      [4000, 'd']
    ]
  )
})

test('as many groups are meant as the capacity of 100 makes necessary', () =>
  assert.deepEqual([0, 1, 100, 101, 250].map(meantGroups), [1, 1, 1, 2, 3]))

describe('Inequality', () => {
  test('known inequalities', () => {
    assert.equal(gini([]), null)
    assert.equal(gini([0, 0]), null)
    assert.equal(gini([5, 5, 5, 5]), 0)
    assert.equal(gini([0, 0, 0, 8]), 0.75)
    assert.equal(gini([1, 3]), 0.25)
  })

  test('it is half the mean difference of all pairs ÷ the mean, whatever the unit', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }), (amounts) => {
        const total = amounts.reduce((sum, amount) => sum + amount, 0)
        fc.pre(total > 0)
        const differences = amounts.flatMap((a) => amounts.map((b) => Math.abs(a - b)))
        const expected = differences.reduce((sum, each) => sum + each, 0) / (2 * amounts.length * total)
        assert.ok(Math.abs(gini(amounts)! - expected) < 1e-12)
        assert.ok(Math.abs(gini(amounts.map((amount) => 7 * amount))! - expected) < 1e-12)
      })
    ))
})
