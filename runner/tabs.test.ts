import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readConfiguration } from './configuration'
import { planTabs, tabAddress } from './tabs'

const REQUIRED = {
  TEST_ID: 'mine',
  RUNNER_ID: 'me',
  RESULTS_SERVER_URL: 'http://localhost:9904',
  LIGHTHOUSE_URL: 'http://localhost:9000'
}

describe('the plan of tabs', () => {
  it('fills tab after tab and numbers peers through, from the runner’s first number on', () => {
    assert.deepEqual(planTabs(5, 2, 40), [
      { number: 1, peers: 2, firstPeerNumber: 40 },
      { number: 2, peers: 2, firstPeerNumber: 42 },
      { number: 3, peers: 1, firstPeerNumber: 44 }
    ])
  })

  it('gives every peer one number, without a gap', () => {
    const amount = fc.integer({ min: 1, max: 300 })
    fc.assert(
      fc.property(amount, amount, fc.nat(1000), (peers, perTab, first) => {
        const numbers = planTabs(peers, perTab, first).flatMap((tab) =>
          Array.from({ length: tab.peers }, (_, i) => tab.firstPeerNumber + i)
        )
        assert.deepEqual(
          numbers,
          Array.from({ length: peers }, (_, i) => first + i)
        )
      })
    )
  })
})

describe('the address of a tab', () => {
  const plan = { number: 3, peers: 2, firstPeerNumber: 4 }
  const address = (variables: Record<string, string>) =>
    new URL(
      tabAddress(readConfiguration({ ...REQUIRED, ...variables }), 'http://localhost:7654/?x=1', plan, 12)
    )

  it('tells the page all it needs, and nothing that is not set', () => {
    const { searchParams, hash } = address({ PEERS_COUNT: '6' })
    assert.deepEqual(Object.fromEntries(searchParams), {
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
      testDuration: '180',
      statsSubmitInterval: '2000',
      peerIdLength: '42'
    })
    assert.equal(hash, '')
  })

  it('passes on JSON and options as they are, the mesh’s size with a full mesh', () => {
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

  it('carries the token in the fragment, which no server sees', () => {
    const { search, hash } = address({ RESULTS_SERVER_SUBMIT_TOKEN: 'se cret' })
    assert.doesNotMatch(search, /cret/)
    assert.equal(new URLSearchParams(hash.slice(1)).get('token'), 'se cret')
  })
})
