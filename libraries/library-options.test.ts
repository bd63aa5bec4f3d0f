import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { knownOptionsOfBundled, optionNames, refuseUnknownOptions } from './library-options'

describe('The options of a build', () => {
  it('are read from the types of the bundled builds', async () => {
    const [layers, islands] = await Promise.all([
      knownOptionsOfBundled('layers'),
      knownOptionsOfBundled('islands')
    ])
    for (const name of ['maxConnections', 'targetConnections', 'relaySuspensionConfig']) {
      assert.ok(layers!.includes(name), name)
      assert.ok(islands!.includes(name), name)
    }
    assert.ok(layers!.includes('optimizeNetworkInterval') && !islands!.includes('optimizeNetworkInterval'))
    assert.ok(!layers!.includes('eventsHandler') && islands!.includes('eventsHandler'))
  })

  const cases = [
    {
      says: 'a type',
      text: 'declare type PeerConfig = {\n  a?: { b: 1 };\n  c: {\n    d: 2;\n  };\n  e?: any;\n};\nz: 1',
      names: ['a', 'c', 'e']
    },
    { says: 'an interface', text: 'export interface PeerConfig {\n  a: number\n}\n', names: ['a'] },
    { says: 'another type', text: 'type PeerConfiguration = {\n  a: 1\n}', names: [] }
  ]
  for (const { says, text, names } of cases) {
    it(`are the outer fields of ${says}`, () => assert.deepEqual(optionNames(text), names))
  }
})

describe('An unknown option', () => {
  const known = ['maxConnections', 'minConnections', 'logLevel']
  const cases = [
    {
      name: 'maxConections',
      known,
      message: /"layers" has no option "maxConections"\. Did you mean "maxConnections"\?/
    },
    { name: 'LOGLEVEL', known, message: /Did you mean "logLevel"\?/ },
    {
      name: 'speed',
      known,
      message: /It knows maxConnections, minConnections, logLevel\. To pass it anyway: /
    },
    { name: 'maxConnections', known: null, message: /does not declare its options/ }
  ]
  for (const { name, known: ofBuild, message } of cases) {
    it(`is refused: ${name} of ${ofBuild?.join() ?? 'an unknown build'}`, () =>
      assert.throws(() => refuseUnknownOptions('layers', { [name]: 1 }, ofBuild), {
        name: 'UserError',
        message
      }))
  }

  it('may be empty or known', () => {
    refuseUnknownOptions('layers', {}, null)
    refuseUnknownOptions('layers', { logLevel: 'INFO', maxConnections: 3 }, known)
  })
})
