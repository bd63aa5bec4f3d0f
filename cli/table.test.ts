import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Declaration, Surface } from './declaration'
import { defaultsAt, optionsAt, readTexts, textsFor } from './surface'
import { OPTIONS } from './table'

const SURFACES: Surface[] = ['page', 'runner', 'start', 'campaign', 'calibrate', 'simulate']

/** Names that users have in scripts, Dockerfiles and bookmarks. None may disappear. */
const NAMES: Record<'page' | 'runner' | 'start' | 'campaign' | 'calibrate', string> = {
  page:
    'testId statsServerUrl lighthouseUrl numberOfPeers firstPeerNumber testDuration statsSubmitInterval pingInterval peerIdLength sessionId ' +
    'routine messageTypes seed library peerConfig mesh meshPeers iceServers runnerId tabNumber',
  runner:
    'TEST_ID RESULTS_SERVER_URL LIGHTHOUSE_URL CLIENT_URL PEERS_COUNT PEERS_PER_TAB TEST_DURATION LIBRARY PEER_LIBRARY ROUTINE MESSAGE_TYPES ' +
    'MESH PEER_CONFIG ICE_SERVERS PEER_ID_LENGTH STATS_SUBMIT_INTERVAL PING_INTERVAL BROWSER_CORE SEED RUNNER_ID ' +
    'RESULTS_SERVER_TOKEN RESULTS_SERVER_SUBMIT_TOKEN',
  start: 'peers duration warmup library routine message-types mesh peers-per-tab seed peer-config',
  campaign:
    'peers duration warmup routine peers-per-tab message-types mesh peer-config seed results-server-url lighthouse-url',
  calibrate: 'library routine message-types duration'
}

describe('the table of options', () => {
  for (const [surface, names] of Object.entries(NAMES) as [keyof typeof NAMES, string][]) {
    it(`has every name that ${surface} ever had`, () => {
      const known = optionsAt(surface).map(({ name }) => name)
      assert.deepEqual(
        names.split(' ').filter((name) => !known.includes(name)),
        []
      )
    })
  }

  for (const surface of SURFACES) {
    it(`names no option of ${surface} twice, and explains each in one sentence`, () => {
      const options = optionsAt(surface)
      const names = options.map(({ name }) => name)
      assert.equal(new Set(names).size, names.length)
      for (const { key, help } of options) assert.match(help, /^[^\n]{5,}[^.\n]$/, key)
    })

    it(`accepts the defaults of ${surface} as text`, () => {
      const values = defaultsAt(surface)
      const texts = textsFor(surface, values)
      assert.deepEqual(readTexts(surface, ({ name }) => texts[name]).values, values)
    })

    it(`reads any text of ${surface}: a value that is written as text again, or a fault of one line`, () => {
      const text = fc.oneof(
        fc.string(),
        fc.constantFrom('7', 'full', 'http://a:1', '{}', '[]', 'loops:2,stand')
      )
      fc.assert(
        fc.property(
          fc.dictionary(fc.constantFrom(...optionsAt(surface).map(({ name }) => name)), text),
          (given) => {
            const { values, faults } = readTexts(surface, ({ name }) => given[name])
            for (const { message } of faults) assert.match(message, /^(must|is missing)[^\n]*$/)
            const written = textsFor(surface, values)
            const again = textsFor(surface, readTexts(surface, ({ name }) => written[name]).values)
            assert.deepEqual({ ...again, ...written }, again)
          }
        )
      )
    })
  }

  it('keeps tokens out of command lines', () => {
    const secrets = (Object.values(OPTIONS) as Declaration<unknown>[]).filter(({ secret }) => secret)
    for (const { at } of secrets) assert.deepEqual(Object.keys(at), ['runner'])
  })
})
