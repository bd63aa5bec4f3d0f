import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readTexts } from '../cli/surface'
import { readConfiguration } from './configuration'
import { buildOfPeer, planTabs, tabAddress } from './tabs'

const REQUIRED = {
  TEST_ID: 'mine',
  RUNNER_ID: 'me',
  RESULTS_SERVER_URL: 'http://localhost:9904',
  LIGHTHOUSE_URL: 'http://localhost:9000'
}

describe('the plan of tabs', () => {
  it('fills tab after tab and numbers peers through, from the runner’s first number on', () =>
    assert.deepEqual(planTabs(5, 2, 40), [
      { number: 1, peers: [40, 41], part: 0, build: 0 },
      { number: 2, peers: [42, 43], part: 0, build: 0 },
      { number: 3, peers: [44], part: 0, build: 0 }
    ]))

  it('keeps peers on different parts of the network in separate tabs', () => {
    const isSlow = (peer: number) => Number([41, 44].includes(peer))
    assert.deepEqual(planTabs(6, 3, 40, isSlow), [
      { number: 1, peers: [40, 42, 43], part: 0, build: 0 },
      { number: 2, peers: [45], part: 0, build: 0 },
      { number: 3, peers: [41, 44], part: 1, build: 0 }
    ])
  })

  it('keeps peers of different builds in tabs of their own, on each part of the network', () => {
    const builds = [{ peers: 3 }, { peers: 4 }]
    const isSlow = (peer: number) => Number(peer > 4)
    assert.deepEqual(
      planTabs(7, 2, 0, isSlow, (peer) => buildOfPeer(builds, peer)),
      [
        { number: 1, peers: [0, 1], part: 0, build: 0 },
        { number: 2, peers: [2], part: 0, build: 0 },
        { number: 3, peers: [3, 4], part: 0, build: 1 },
        { number: 4, peers: [5, 6], part: 1, build: 1 }
      ]
    )
  })

  it('gives every peer one number, without a gap', () => {
    const amount = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.nat(1000),
        fc.integer({ min: 1, max: 4 }),
        (peers, perTab, first, parts) => {
          const tabs = planTabs(peers, perTab, first, (peer) => (peer * 7) % parts)
          const numbers = tabs.flatMap((tab) => tab.peers)
          assert.deepEqual(
            numbers.sort((one, other) => one - other),
            Array.from({ length: peers }, (_, i) => first + i)
          )
        }
      )
    )
  })
})

describe('the address of a tab', () => {
  const plan = { number: 3, peers: [4, 5], part: 0, build: 0 }
  const address = (variables: Record<string, string>) =>
    new URL(
      tabAddress(readConfiguration({ ...REQUIRED, ...variables }), 'http://localhost:7654/?x=1', plan, 12)
    )

  it('tells the page everything it needs, and nothing that is not set', () => {
    const { searchParams, hash } = address({ PEERS_COUNT: '6' })
    const given = Object.fromEntries(searchParams)
    const expected = {
      x: '1',
      testId: 'mine',
      runnerId: 'me',
      tabNumber: '3',
      numberOfPeers: '2',
      firstPeerNumber: '4',
      statsServerUrl: 'http://localhost:9904',
      lighthouseUrl: 'http://localhost:9000',
      library: 'layers',
      routine: 'stand',
      messageTypes: 'faithful',
      mesh: 'usual',
      network: 'perfect',
      turn: 'off',
      testDuration: '180',
      statsSubmitInterval: '2000',
      peerIdLength: '42'
    }
    assert.deepEqual({ ...given, ...expected }, given)
    for (const name of ['seed', 'pingInterval', 'peerConfig', 'iceServers', 'meshPeers'])
      assert.ok(!searchParams.has(name), name)
    assert.equal(hash, '')
  })

  it('passes on JSON and options unchanged, and the mesh’s size with a full mesh', () => {
    const ice = '[{"urls":"stun:example.org?a=b&c"}]'
    const { searchParams } = address({
      ICE_SERVERS: ice,
      PEER_CONFIG: '{"a":1}',
      MESH: 'full',
      SEED: '0',
      PING_INTERVAL: '500'
    })
    const of = (name: string) => searchParams.get(name)
    assert.deepEqual(
      [of('iceServers'), of('peerConfig'), of('seed'), of('pingInterval')],
      [ice, '{"a":1}', '0', '500']
    )
    assert.deepEqual([of('mesh'), of('meshPeers')], ['full', '12'])
  })

  it('is one that the page takes for each size of a full mesh', () => {
    for (const peers of [1, 2, 100]) {
      const configuration = readConfiguration({ ...REQUIRED, MESH: 'full' })
      const { searchParams } = new URL(tabAddress(configuration, 'http://localhost:7654/', plan, peers))
      assert.deepEqual(readTexts('page', ({ name }) => searchParams.get(name)).faults, [], `${peers}`)
    }
  })

  it('carries the token in the fragment, which no server sees', () => {
    const { search, hash } = address({ RESULTS_SERVER_SUBMIT_TOKEN: 'se cret' })
    assert.doesNotMatch(search, /cret/)
    assert.equal(new URLSearchParams(hash.slice(1)).get('token'), 'se cret')
  })
})
