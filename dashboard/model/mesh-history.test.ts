import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMesh } from '../charts/force-graph'
import { MeshHistory } from './mesh-history'

/** Links as "a-b two-sided", in alphabetical order. */
function linksAt(mesh: MeshHistory, at: number): string[] {
  return mesh
    .at(at)
    .links.map(({ from, to, state }) => `${[from, to].sort().join('-')} ${state}`)
    .sort()
}

describe('MeshHistory', () => {
  const cases: [string, [number, string, string[]][], number, string[], number][] = [
    [
      'both ends have the link',
      [
        [1, 'a', ['b']],
        [1, 'b', ['a']]
      ],
      2,
      ['a-b two-sided'],
      1
    ],
    [
      'one end has it',
      [
        [1, 'a', ['b']],
        [1, 'b', []]
      ],
      2,
      ['a-b one-sided'],
      1
    ],
    ['the other end tells nothing', [[1, 'a', ['b']]], 2, ['a-b broken'], 1],
    [
      'nobody is connected',
      [
        [1, 'a', []],
        [1, 'b', []]
      ],
      2,
      [],
      2
    ],
    [
      'a link that was dropped',
      [
        [1, 'a', ['b']],
        [1, 'b', ['a']],
        [5, 'a', []],
        [5, 'b', []]
      ],
      6,
      [],
      2
    ],
    [
      'the time before that',
      [
        [1, 'a', ['b']],
        [1, 'b', ['a']],
        [5, 'a', []],
        [5, 'b', []]
      ],
      4,
      ['a-b two-sided'],
      1
    ],
    [
      'words that come late',
      [
        [5, 'a', []],
        [1, 'a', ['b']],
        [1, 'b', ['a']],
        [5, 'b', []]
      ],
      4,
      ['a-b two-sided'],
      1
    ],
    [
      'a peer that fell silent',
      [
        [1, 'a', ['b']],
        [1, 'b', ['a']],
        [20_000, 'a', ['b']]
      ],
      20_000,
      ['a-b broken'],
      1
    ],
    ['a peer that names itself', [[1, 'a', ['a']]], 2, [], 1],
    [
      'a neighbour in the place of another',
      [
        [1, 'a', ['b']],
        [2, 'a', ['c']]
      ],
      2,
      ['a-c broken'],
      1
    ],
    [
      'a peer that joins later',
      [
        [1, 'a', []],
        [5, 'b', ['a']]
      ],
      2,
      [],
      1
    ],
    [
      'more reports than changes that are kept',
      [
        [1, 'a', ['b']],
        ...Array.from({ length: 300 }, (_, i): [number, string, string[]] => [2 + i, 'a', ['c']])
      ],
      1,
      ['a-b broken'],
      1
    ],
    [
      'a change that is forgotten',
      [
        [1, 'a', ['b']],
        ...Array.from({ length: 300 }, (_, i): [number, string, string[]] => [2 + i, 'a', i % 2 ? [] : ['c']])
      ],
      1,
      ['a-c broken'],
      1
    ]
  ]
  for (const [name, records, at, links, components] of cases) {
    it(name, () => {
      const mesh = new MeshHistory()
      for (const record of records) mesh.record(...record)
      assert.deepEqual(linksAt(mesh, at), links)
      const shown = mesh.at(at)
      assert.equal(shown.components, components)
      const ids = new Set(shown.nodes.map(({ id }) => id))
      assert.equal(ids.size, shown.nodes.length)
      assert.ok(shown.links.every(({ from, to }) => ids.has(from) && ids.has(to)))
    })
  }

  for (const [words, links] of [
    ['2 peers · 1 link · 1 component', { a: ['b'], b: ['a'] }],
    [
      '4 peers · 3 links · 2 components · 1 one-sided · 1 broken',
      { a: ['b'], b: ['a'], c: ['a'], d: ['silent'] }
    ]
  ] as const)
    it(`in words: ${words}`, () => {
      const mesh = new MeshHistory()
      for (const [id, neighbours] of Object.entries(links)) mesh.record(1, id, neighbours)
      assert.equal(describeMesh(mesh.at(1)), words)
    })
})
