import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFault, parseFault } from './fault-text'
import { placeIn } from './place'
import { planOf } from './plan'
import { pagesOf } from './world/pages'

describe('a fault', () => {
  for (const text of ['death@20s:3', 'partition@2.5s-30s:4', 'lighthouse@20s-30s']) {
    it(`may be ${text}`, () => assert.equal(formatFault(parseFault(text)), text))
  }
  for (const text of [
    '',
    'death@20s',
    'death@20s-30s:1',
    'partition@30s-20s:4',
    'partition@20s-30s',
    'fire@3s:1'
  ]) {
    it(`may not be "${text}"`, () =>
      assert.throws(() => parseFault(text), /is not a fault: write death@20s:3/))
  }
})

describe('a place', () => {
  for (const [frame, place = frame] of [
    ['poll (file:../my peer.js:1166:5)'],
    ['file:../my peer.js:1166:5'],
    ['../../.cache/folder-1/bundle.js (file:../my peer.js:59:13)', 'file:../my peer.js:59:13']
  ] as const)
    it(`is named by the build as it was given: ${frame}`, () =>
      assert.equal(placeIn(`Error: x\n    at y (z.js:1:1)\n    at ${frame}`, ['file:../my peer.js']), place))
})

describe('peers', () => {
  const build = (text: string, weight: number) => ({
    text,
    weight,
    library: 'layers' as const,
    code: '',
    options: null,
    integrity: null
  })
  const cases: { peers: number; perPage: number; weights: number[]; lines?: number[]; expected: string[] }[] =
    [
      { peers: 10, perPage: 10, weights: [1], expected: ['0+10 A'] },
      { peers: 4, perPage: 2, weights: [1], lines: [0, 0, 1, 0], expected: ['0+2 A', '2+1 A', '3+1 A'] },
      { peers: 10, perPage: 4, weights: [1], expected: ['0+4 A', '4+4 A', '8+2 A'] },
      { peers: 10, perPage: 10, weights: [1, 1], expected: ['0+5 A', '5+5 B'] },
      { peers: 10, perPage: 4, weights: [50, 150], expected: ['0+3 A', '3+4 B', '7+3 B'] }
    ]
  for (const { peers, perPage, weights, lines, expected } of cases) {
    it(`are spread as ${expected.join(', ')}`, () => {
      const [first, ...others] = weights.map((weight, index) => build('AB'[index]!, weight))
      const builds = [first!, ...others] as const
      const pages = pagesOf({ peers, peersPerPage: perPage, builds }, (peer) => lines?.[peer] ?? 0)
      assert.deepEqual(
        pages.map((page) => `${page.first}+${page.count} ${page.build.text}`),
        expected
      )
    })
  }
})

describe('what cannot happen', () => {
  const build = {
    text: 'layers',
    weight: 1,
    library: 'layers' as const,
    code: '',
    options: null,
    integrity: null
  }
  const cases = [
    { peers: 3, fault: 'death@2s:3', says: /death@2s:3 cannot happen: the peers are 0 to 2$/ },
    { peers: 3, fault: 'death@30s:0', says: /the routines end after 30 s$/ },
    { peers: 3, fault: 'storm@1s-3s:4', says: /the test has 3 peers$/ },
    { peers: 3, fault: 'partition@1s-3s:3', says: /of 3 peers, at most 2 can be cut off/ },
    { peers: 3, fault: 'lighthouse@20s-31s', says: /it lasts longer than the routines/ },
    { peers: 101, fault: 'lighthouse@1s-2s', says: /^Peer 101 of layers cannot join/ }
  ]
  for (const { peers, fault, says } of cases) {
    it(`is refused: ${fault} with ${peers} peers`, () =>
      assert.throws(
        () => planOf({ peers, seed: 1, builds: [build], faults: [parseFault(fault)] }),
        ({ name, message }: Error) => name === 'UserError' && says.test(message)
      ))
  }

  it('is told from what only just can', () => {
    const faults = ['death@29s:2', 'storm@1s-30s:3', 'partition@1s-30s:2'].map(parseFault)
    assert.equal(planOf({ peers: 3, seed: 1, builds: [build], faults }).faults, faults)
    for (const [library, peers] of [
      ['layers', 100],
      ['islands', 101]
    ] as const)
      assert.equal(planOf({ peers, seed: 1, builds: [{ ...build, library }] }).peers, peers)
  })
})
