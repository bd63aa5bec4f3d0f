import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { expandBuilds } from './range'
import { parseLibrary } from './specification'

describe('The name of a peer library', () => {
  const cases = [
    { text: 'layers', expected: { kind: 'bundled', generation: 'layers' } },
    {
      text: 'decentraland-katalyst-peer@0.2.17',
      expected: { kind: 'published', name: 'decentraland-katalyst-peer', version: '0.2.17' }
    },
    {
      text: '@dcl/catalyst-peer@1.0.4',
      expected: { kind: 'published', name: '@dcl/catalyst-peer', version: '1.0.4' }
    },
    {
      text: 'layers@0.2.17',
      expected: { kind: 'published', name: 'decentraland-katalyst-peer', version: '0.2.17' }
    },
    { text: 'file:../peer', expected: { kind: 'folder', path: resolve('../peer') } }
  ]
  for (const { text, expected } of cases) {
    it(`may be ${text}`, () => assert.deepEqual(parseLibrary(text), expected))
  }

  for (const text of [
    '',
    'peer',
    'peer@latest',
    'peer@^1.0.0',
    '../peer',
    '@dcl/../x@1.0.0',
    'peer@1.0.0;rm',
    '--prefix@1.0.0'
  ]) {
    it(`may not be "${text}"`, () =>
      assert.throws(() => parseLibrary(text), { name: 'UserError', message: /names no peer library/ }))
  }
})

describe('A range of builds', () => {
  const versionsOf = () => Promise.resolve(['0.1.36', '0.2.12', '0.2.13', '0.2.15'])
  const cases = [
    { text: 'peer@0.2.12..0.2.15', expected: ['peer@0.2.12', 'peer@0.2.13', 'peer@0.2.15'] },
    { text: 'peer@0.2.12..0.2.13?mesh=full', expected: ['peer@0.2.12?mesh=full', 'peer@0.2.13?mesh=full'] },
    { text: 'layers, peer@0.2.12..0.2.12,layers', expected: ['layers', 'peer@0.2.12'] },
    {
      text: 'layers@0.2.12..0.2.13',
      expected: ['decentraland-katalyst-peer@0.2.12', 'decentraland-katalyst-peer@0.2.13']
    },
    { text: '', expected: [] }
  ]
  for (const { text, expected } of cases) {
    it(`"${text}" is ${expected.join(' ') || 'none'}`, async () =>
      assert.deepEqual(await expandBuilds(text, versionsOf), expected))
  }

  it('runs each build once, and says so if a list repeats one', async (t) => {
    const log = t.mock.method(console, 'log', () => undefined)
    for (const text of ['a,b', 'a,b,a']) await expandBuilds(text, versionsOf)
    assert.deepEqual(
      log.mock.calls.map((call): unknown => call.arguments[0]),
      ['Each build runs once: a, b']
    )
  })

  it('is refused if an end is not published, or if the ends are swapped', async () => {
    await assert.rejects(
      expandBuilds('peer@0.2.12..0.2.14', versionsOf),
      /peer@0.2.14 is not published\. Published versions: 0.1.36/
    )
    await assert.rejects(expandBuilds('peer@0.2.13..0.2.12', versionsOf), /write peer@0.2.12..0.2.13/)
  })

  it('never passes an invalid package name to npm', async () => {
    const asked: string[] = []
    const versionsOf = (name: string) => Promise.resolve((asked.push(name), ['1.0.0', '2.0.0']))
    for (const text of [
      '--registry=http://evil.example@1.0.0..2.0.0',
      'https://evil.example/x.tgz@1.0.0..2.0.0'
    ])
      await assert.rejects(expandBuilds(text, versionsOf), /names no package: write name@1.0.0..2.0.0/)
    assert.deepEqual(asked, [])
  })
})
