import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { declaredDifferences, parseVariant } from './variant'

const usual = { messageTypes: 'faithful', mesh: 'usual', network: 'perfect', peerConfig: undefined }

describe('A variant', () => {
  const cases = [
    { text: 'layers', library: 'layers', expected: usual },
    {
      text: '@dcl/catalyst-peer@1.0.4?mesh=full',
      library: '@dcl/catalyst-peer@1.0.4',
      expected: { ...usual, mesh: 'full' }
    },
    {
      text: 'layers?maxConnections=3&logLevel=INFO&relaySuspensionConfig={"a":true}',
      library: 'layers',
      expected: {
        ...usual,
        peerConfig: { maxConnections: 3, logLevel: 'INFO', relaySuspensionConfig: { a: true } }
      }
    },
    {
      text: 'islands?messageTypes=deduplicated',
      library: 'islands',
      expected: { ...usual, messageTypes: 'deduplicated' }
    },
    {
      text: 'layers?network=delay=40ms,loss=1%,20s:offline,25s:4g',
      library: 'layers',
      expected: { ...usual, network: 'delay=40ms,loss=1%,20s:offline,25s:4g' }
    }
  ]
  for (const { text, library, expected } of cases) {
    it(`is read from ${text}`, () =>
      assert.deepEqual(parseVariant(text), { text, library, behaviour: expected }))
  }

  it('takes the common settings unless it has its own', () => {
    const peers = { maxConnections: 9, pingInterval: 100 }
    const common = { mesh: 'full', signalling: 'delayed', peerConfig: peers } as const
    const { mesh, signalling, peerConfig } = parseVariant('layers?maxConnections=3', common).behaviour
    assert.deepEqual([mesh, signalling], ['full', 'delayed'])
    assert.deepEqual(peerConfig, { maxConnections: 3, pingInterval: 100 })
    assert.equal(parseVariant('layers?mesh=usual', common).behaviour.mesh, 'usual')
  })

  const wrong = [
    { text: 'layers?mesh=star', message: /mesh must be usual or full, not "star"/ },
    {
      text: 'layers?network=4gg',
      message: /"layers\?network=4gg": network must be a network[^]*did you mean 4g/
    },
    { text: 'layers?=1', message: /option without a name/ },
    { text: 'peer', message: /names no peer library/ }
  ]
  for (const { text, message } of wrong) {
    it(`is refused: ${text}`, () => assert.throws(() => parseVariant(text), { name: 'UserError', message }))
  }

  it('declares that message types differ', () => {
    const [a, b] = ['layers', 'layers?messageTypes=deduplicated'].map((text) => parseVariant(text))
    assert.deepEqual(declaredDifferences([a!, b!]), ['message types'])
    assert.deepEqual(declaredDifferences([a!, a!]), [])
    assert.deepEqual(declaredDifferences([a!, parseVariant('layers?network=4g')]), ['network'])
  })
})
