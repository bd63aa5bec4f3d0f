import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseBuilds } from './library'
import { expandAlias } from './specification'
import { parseBuilds, peersOfBuilds } from './shares'

describe('the builds of a mesh', () => {
  const cases = [
    { text: 'layers', expected: ['layers:1'] },
    { text: 'layers@0.2.17:50, islands@1.0.4:5', expected: ['layers@0.2.17:50', 'islands@1.0.4:5'] },
    { text: '@dcl/catalyst-peer@1.0.4', expected: ['@dcl/catalyst-peer@1.0.4:1'] },
    { text: 'file:../peer', expected: ['file:../peer:1'] }
  ]
  for (const { text, expected } of cases) {
    it(`are ${expected.join(' and ')} where "${text}" is written`, () =>
      assert.deepEqual(
        parseBuilds(text).map((build) => `${build.text}:${build.weight}`),
        expected
      ))
  }

  it('need a weight above 0, and a name that exists', async () => {
    assert.throws(() => parseBuilds('layers:0'), /several with weights like/)
    assert.throws(() => parseBuilds('layers:4,isles:4'), /"isles" names no peer library/)
    await assert.rejects(
      chooseBuilds('layers:4,isles:4', () => assert.fail()),
      /"isles" names no peer library/
    )
  })

  it('have short names', () =>
    assert.deepEqual(['layers@0.2.17', 'islands@1.0.4', 'layers', 'file:x'].map(expandAlias), [
      'decentraland-katalyst-peer@0.2.17',
      '@dcl/catalyst-peer@1.0.4',
      'layers',
      'file:x'
    ]))

  it('share the peers by weight, and none goes without', () => {
    const peersOf = (text: string, peers: number) => peersOfBuilds(parseBuilds(text), peers)
    assert.deepEqual(peersOf('layers', 7), [7])
    assert.deepEqual(peersOf('layers:4,islands:4', 8), [4, 4])
    assert.deepEqual(peersOf('layers:1,islands:3', 10), [3, 7])
    assert.deepEqual(peersOf('layers:50,islands:50,file:x:100', 4), [1, 1, 2])
    assert.throws(
      () => peersOf('layers:1,islands:99', 10),
      /None of the 10 peers would run "layers": use more peers/
    )
  })

  it('must connect to each other', async () => {
    const choose = (text: string) => chooseBuilds(text, () => assert.fail())
    await assert.doesNotReject(choose('layers:1,layers:3'))
    await assert.rejects(
      choose('layers:1,islands:3'),
      /Peers of "layers" and "islands" never connect to each other/
    )
  })
})
