import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { optionsAt } from '../cli/surface'
import { UserError } from '../cli/user-error'
import { parseParameters, refuseNetworkWithoutRunner } from './parameters'

const NAMES = optionsAt('page').map(({ name }) => name)

describe('parameters', () => {
  it('have defaults', () => {
    const { firstPeerNumber, ...parameters } = parseParameters('', '')
    assert.ok(Number.isSafeInteger(firstPeerNumber) && firstPeerNumber >= 0)
    const expected = {
      resultsServerUrl: 'http://localhost:9904',
      lighthouseUrl: 'http://localhost:9000',
      numberOfPeers: 1,
      testDuration: 180,
      statsSubmitInterval: 2000,
      peerIdLength: 42,
      routine: { text: 'stand', parts: [{ name: 'stand', weight: 1 }] },
      messageTypes: 'faithful',
      library: 'layers',
      peerConfig: {},
      mesh: 'usual',
      network: 'perfect',
      turn: 'off',
      meshPeers: 1,
      iceServers: [],
      tabNumber: 0
    }
    assert.deepEqual({ ...parameters, ...expected }, parameters)
  })

  it('are read from query and fragment', () => {
    const parsed = parseParameters(
      '?testId=mine&numberOfPeers=4&library=islands&routine=loops:8,churn:2&seed=7&mesh=full' +
        '&iceServers=[{"urls":"TURN:a"}]&turn=only&peerConfig={"maxConnections":5}&testDuration=1.5',
      '#token=secret'
    )
    assert.equal(parsed.testId, 'mine')
    assert.equal(parsed.numberOfPeers, 4)
    assert.equal(parsed.meshPeers, 4)
    assert.equal(parsed.library, 'islands')
    assert.equal(parsed.seed, 7)
    assert.equal(parsed.testDuration, 1.5)
    assert.deepEqual(parsed.iceServers, [{ urls: 'TURN:a' }])
    assert.deepEqual(parsed.peerConfig, { maxConnections: 5 })
    assert.equal(parsed.token, 'secret')
  })

  it('count the peers that are numbered one by one', () =>
    assert.equal(parseParameters('?mesh=full&peerNumbers=4,9,2', '').meshPeers, 3))

  it('take a mesh of more islands than one, as simulations have', () =>
    assert.equal(parseParameters('?meshPeers=250', '').meshPeers, 250))

  it('knows no full mesh of more peers than a layer holds', () =>
    assert.throws(
      () => parseParameters('?mesh=full&meshPeers=101', ''),
      /meshPeers of a full mesh .* at most 100, not 101$/
    ))

  it('knows every name of the contract', () => {
    for (const name of NAMES) assert.doesNotThrow(() => parseParameters(`?${name}=`, ''))
  })

  const wrong: [string, string][] = [
    ['numberOfPeers=0', 'numberOfPeers must be a whole number from 1 to 500, not "0"'],
    ['numberOfPeers=ten', 'numberOfPeers must be a whole number from 1 to 500, not "ten"'],
    [
      'testDuration=0',
      'testDuration must be a number from 0.001 to 86400 (the final results of a longer test may be too large to submit), not "0"'
    ],
    [
      'testDuration=86401',
      'testDuration must be a number from 0.001 to 86400 (the final results of a longer test may be too large to submit), not "86401"'
    ],
    ['library=both', 'library must be layers or islands, not "both"'],
    [
      'lighthouseUrl=localhost:9000',
      'lighthouseUrl must be an address such as http://HOST:PORT, not "localhost:9000"'
    ],
    [
      'statsServerUrl=javascript:alert(1)',
      'statsServerUrl must be an address such as http://HOST:PORT, not "javascript:alert(1)"'
    ],
    ['testId=a/b', 'testId must be 1 to 64 letters, digits, "_" or "-", not "a/b"'],
    [
      'iceServers={}',
      'iceServers must be a JSON array of objects such as [{"urls":"stun:stun.example.org"}], not "{}"'
    ],
    ['peerConfig=[', 'peerConfig must be JSON, not "["'],
    ...['{"url":"stun:b"}', '{"urls":[]}', '{"urls":["stun:b",""]}'].map((odd): [string, string] => [
      `iceServers=[{"urls":["turn:a","stun:b"]},${odd}]`,
      'iceServers must be a JSON array of objects such as [{"urls":"stun:stun.example.org"}], not '
    ]),
    ['turn=only&iceServers=[{"urls":"stun:a"}]', 'turn=only needs a TURN server in iceServers'],
    ['seed=1&seed=2', 'seed must be given once'],
    ['peerNumbers=4,9,4', 'peerNumbers must differ'],
    ['peerNumbers=4,9&numberOfPeers=3', 'numberOfPeers must be 2, as peerNumbers says'],
    ['token=secret', 'unknown parameter "token"; the token goes behind a #: #token=…'],
    ['testid=mine', 'unknown parameter "testid"; did you mean testId?'],
    [`${'x'.repeat(3000)}=1`, `unknown parameter "${'x'.repeat(80)}"; the parameters are testId, `],
    ['peers=3', 'unknown parameter "peers"; the parameters are testId, ']
  ]
  for (const [search, line] of wrong) {
    it(`names in one line what is wrong with ${search}`, () =>
      assert.throws(
        () => parseParameters(`?${search}`, ''),
        (error: Error) => error instanceof UserError && error.message.startsWith(`Wrong address: ${line}`)
      ))
  }

  it('take the address of a server with a slash at its end, and append paths to it', () =>
    assert.equal(parseParameters('?lighthouseUrl=http://a:1/l//', '').lighthouseUrl, 'http://a:1/l'))

  it('have no network of a page without a runner, which nobody would emulate', () => {
    const check = (search: string) => () => refuseNetworkWithoutRunner(parseParameters(search, ''))
    assert.throws(check('?network=3g'), /^UserError: Wrong address: network needs a runner/)
    for (const search of ['?network=3g&runnerId=a', '?network=perfect', ''])
      assert.doesNotThrow(check(search))
  })

  it('names all faults together', () =>
    assert.throws(() => parseParameters('?seed=x&library=y', ''), /library must be .*; seed must be/))

  it('refuses or accepts any address, in one line', () => {
    const query = fc.dictionary(fc.constantFrom<string>(...NAMES), fc.string())
    fc.assert(
      fc.property(query, fc.string(), (values, hash) => {
        try {
          const { numberOfPeers } = parseParameters(`?${new URLSearchParams(values).toString()}`, `#${hash}`)
          assert.ok(numberOfPeers >= 1)
        } catch (error) {
          assert.ok(error instanceof UserError, String(error))
          assert.ok(!error.message.includes('\n'))
        }
      })
    )
  })
})
