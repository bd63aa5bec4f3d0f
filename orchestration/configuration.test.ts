import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import Ajv2020 from 'ajv/dist/2020'
import { program } from '../commands/compare'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { peerPerf } from '../tools/testing/program'
import { configurationSchema, withConfiguration } from './configuration'

const file = join(temporaryFolder(), 'peer-perf.json')

/** The flags that compare works with. */
function flagsOf(configuration: unknown, ...argv: string[]): Record<string, unknown> {
  writeFileSync(file, typeof configuration === 'string' ? configuration : JSON.stringify(configuration))
  const given = ['--config', file, ...argv]
  program.parse(given, { from: 'user' })
  return program.parse(withConfiguration(program, given), { from: 'user' }).opts()
}

const AGREED = {
  $schema: './peer-perf.schema.json',
  baseline: 'released',
  candidate: 'file:.',
  peers: 12,
  networks: ['home', '4g'],
  secondary: ['delivery.position', 'wire.bytesPerPeerSecond'],
  gate: 'latency:5%',
  maxBlocks: 16,
  sideBySide: false,
  allowUndecided: true,
  profiles: { quick: { peers: 6, fault: ['death@2s:1'] }, night: { duration: 60 } }
}

describe('peer-perf.json', () => {
  it('says what the flags do not', () => {
    // As an editor on Windows may save it.
    const saved = `\uFEFF${JSON.stringify(AGREED, null, 2).replaceAll('\n', '\r\n')}`
    const { peers, weather, secondary, gate, maxBlocks, sideBySide, allowUndecided, duration } =
      flagsOf(saved)
    assert.deepEqual(
      { peers, weather, secondary, gate, maxBlocks, sideBySide, allowUndecided, duration },
      {
        ...{ peers: 12, weather: 'home,4g', secondary: AGREED.secondary, gate: 'latency:5%', maxBlocks: 16 },
        ...{ sideBySide: false, allowUndecided: true, duration: 30 }
      }
    )
    assert.equal(flagsOf({ allowUndecided: false }).allowUndecided, undefined)
  })

  it('yields to the flags, and to those that exclude what it says', () => {
    const { peers, blocks, maxBlocks, weather, network } = flagsOf(
      AGREED,
      ...['--peers', '4', '--blocks', '8', '--network', '3g']
    )
    assert.deepEqual({ peers, blocks, network }, { peers: 4, blocks: 8, network: '3g' })
    assert.deepEqual([maxBlocks, weather], [undefined, undefined])
  })

  const WON: [says: string, flags: string[], settings: object, expected: object][] = [
    [
      'virtual time',
      ['--engine', 'simulation'],
      { on: 'compose', address: 'a', image: 'i', cpus: 2 },
      { engine: 'simulation', on: undefined, address: undefined, image: undefined, cpus: undefined }
    ],
    [
      'virtual time, without servers',
      ['--engine', 'simulation'],
      {
        ...{ turn: 'only', iceServers: '[{"urls":"turn:x"}]' },
        ...{ resultsServerUrl: 'http://a', lighthouseUrl: 'http://a' }
      },
      { turn: 'off', iceServers: undefined, resultsServerUrl: undefined, lighthouseUrl: undefined }
    ],
    [
      'virtual time, without a design',
      ['--engine', 'simulation'],
      { design: 'isolated' },
      { engine: 'simulation', design: undefined }
    ],
    [
      'a design, but not virtual time, which refuses it',
      ['--design', 'isolated'],
      { engine: 'simulation' },
      { engine: 'simulation', design: 'isolated' }
    ],
    [
      'a design by its other name',
      ['--no-side-by-side'],
      { design: 'isolated' },
      { design: undefined, sideBySide: false }
    ],
    ['a design', ['--design', 'isolated'], { sideBySide: false }, { design: 'isolated', sideBySide: true }],
    [
      'servers, but not virtual time, which refuses them',
      ['--lighthouse-url', 'http://a', '--turn', 'only'],
      { engine: 'simulation' },
      { engine: 'simulation', lighthouseUrl: 'http://a', turn: 'only' }
    ],
    [
      'browsers',
      ['--engine', 'browser'],
      { on: 'compose', fault: ['death@2s:1'] },
      { engine: 'browser', on: 'compose', fault: undefined }
    ],
    [
      'other machines',
      ['--on', 'compose'],
      { engine: 'simulation', fault: ['death@2s:1'] },
      { engine: 'browser', on: 'compose', fault: undefined }
    ],
    [
      'a cluster',
      ['--on', 'aws:3'],
      { address: 'a', lighthouseUrl: 'http://a', cpus: 2 },
      { on: 'aws:3', address: undefined, lighthouseUrl: undefined, cpus: 2 }
    ],
    [
      'a server, but not where the peers are',
      ['--address', 'a'],
      { on: 'kubernetes' },
      { on: 'kubernetes', address: 'a' }
    ],
    [
      'faults',
      ['--fault', 'death@2s:1'],
      { engine: 'simulation', cpus: 2 },
      { engine: 'simulation', cpus: undefined, fault: ['death@2s:1'] }
    ]
  ]
  for (const [says, argv, settings, expected] of WON)
    it(`yields to flags that contradict what it says: ${says}`, () => {
      const flags = flagsOf(settings, ...argv)
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, flags[key]])), expected)
    })

  it('leaves out its networks where a program wants one verdict', () => {
    const { weather, peers } = flagsOf(AGREED, '--one-network')
    assert.deepEqual([weather, peers], [undefined, 12])
    for (const name of ['oneNetwork', 'profile', 'id', 'from', 'to', 'force', 'json', 'format'])
      assert.throws(() => flagsOf({ [name]: 'x' }), /: \w+ is not a setting/)
  })

  it('has profiles, of which quick and full exist without it', () => {
    const quick = flagsOf(AGREED, '--profile', 'quick')
    assert.deepEqual(
      [quick.engine, quick.peers, quick.duration, quick.warmup, quick.fault],
      ['simulation', 6, 5, 1, ['death@2s:1']]
    )
    assert.equal(flagsOf(AGREED, '--profile', 'night').duration, 60)
    assert.equal(flagsOf({}, '--profile', 'quick').engine, 'simulation')
    assert.equal(flagsOf({}, '--profile', 'full').engine, 'browser')
    assert.throws(
      () => flagsOf(AGREED, '--profile', 'nite'),
      /^UserError: There is no profile "nite": use quick, full, night$/
    )
  })

  const LAYERS: [says: string, common: object, profile: object, expected: object][] = [
    ['blocks', { maxBlocks: 16 }, { blocks: 8 }, { blocks: 8, maxBlocks: undefined }],
    ['most blocks', { blocks: 8 }, { maxBlocks: 16 }, { blocks: undefined, maxBlocks: 16 }],
    ['a network', { networks: ['home'] }, { network: '3g' }, { weather: undefined, network: '3g' }],
    ['networks', { network: '3g' }, { networks: 'home' }, { weather: 'home', network: 'perfect' }],
    ['no networks', { networks: ['home'] }, { networks: [] }, { weather: undefined, network: 'perfect' }],
    ['no networks but one', { network: '3g' }, { networks: [] }, { weather: undefined, network: '3g' }],
    ['no further metrics', { secondary: ['delivery.position'] }, { secondary: [] }, { secondary: [] }],
    [
      'virtual time',
      { on: 'compose', address: 'a', cpus: 2 },
      { engine: 'simulation' },
      { engine: 'simulation', on: undefined, address: undefined, cpus: undefined }
    ],
    ['browsers', { on: 'compose' }, { engine: 'browser' }, { engine: 'browser', on: 'compose' }],
    ['other machines', { engine: 'simulation' }, { on: 'compose' }, { engine: 'browser', on: 'compose' }],
    [
      'browsers, where no fault happens',
      { engine: 'simulation', fault: ['death@2s:1'] },
      { engine: 'browser' },
      { engine: 'browser', fault: undefined }
    ],
    [
      'other machines, where no fault happens',
      { engine: 'simulation', fault: ['death@2s:1'] },
      { on: 'compose' },
      { engine: 'browser', on: 'compose', fault: undefined }
    ],
    ['no faults', { on: 'compose' }, { fault: [] }, { on: 'compose', fault: undefined }],
    [
      'faults',
      { engine: 'simulation', peers: 4 },
      { fault: ['death@2s:1'] },
      { engine: 'simulation', peers: 4, fault: ['death@2s:1'] }
    ]
  ]
  for (const [says, common, own, expected] of LAYERS)
    it(`has profiles that replace what they exclude: ${says}`, () => {
      const flags = flagsOf({ ...common, profiles: { own } }, '--profile', 'own')
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, flags[key]])), expected)
    })

  it('has the profile quick count in virtual time, wherever the file has its browsers', () => {
    const { engine, on } = flagsOf({ on: 'compose' }, '--profile', 'quick')
    assert.deepEqual([engine, on], ['simulation', undefined])
  })

  it('has the profile full leave out the faults of virtual time', () => {
    const { engine, fault } = flagsOf({ engine: 'simulation', fault: ['death@2s:1'] }, '--profile', 'full')
    assert.deepEqual([engine, fault], ['browser', undefined])
  })

  it('gives a single verdict in the quick profile of the documentation', () => {
    const text = readFileSync(join(__dirname, '../docs/package.md'), 'utf8')
    const [, example = ''] = /```json\n(.*?)```/s.exec(text) ?? []
    assert.equal(flagsOf(example).weather, 'home,wifi-lossy')
    const { weather, engine, peers } = flagsOf(example, '--profile', 'quick')
    assert.deepEqual([weather, engine, peers], [undefined, 'simulation', 8])
  })

  it('is refused in one line, and in a document where one is wanted', async () => {
    writeFileSync(file, JSON.stringify({ blocks: 8, maxBlocks: 16 }))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [await peerPerf(), 'compare', '--config', file, '--format', 'junit'],
      { cwd: join(__dirname, '..'), encoding: 'utf8' }
    )
    assert.equal(status, 1)
    assert.match(stdout, /<error type="not measured" message="error: option [^"]*cannot be used with/)
    assert.match(stderr, /^error: option '.*' cannot be used with option '.*'\n$/)
  })

  it('does not touch a comparison that goes on, and only the judgement of existing results', () => {
    const resumed = flagsOf(AGREED, '--resume', 'x')
    assert.deepEqual([resumed.peers, resumed.resume], [8, 'x'])
    const { peers, gate, secondary } = flagsOf(AGREED, '--from', 'a', '--to', 'b')
    assert.deepEqual([peers, gate, secondary], [8, 'latency:5%', AGREED.secondary])
    flagsOf(AGREED, '--from', 'a', '--to', 'b', '--gate', 'none', '--allow-undecided', '--json')
    for (const flag of [
      ['--baseline', 'layers'],
      ['--blocks', '9'],
      ['--resume', 'x']
    ])
      assert.throws(() => flagsOf(AGREED, '--from', 'a', '--to', 'b', ...flag), {
        name: 'UserError',
        message: `${flag[0]!} is for new runs: leave it out, or --from and --to`
      })
  })

  const wrong: Record<string, { content: unknown; line: RegExp }> = {
    'no JSON': { content: '{', line: /peer-perf\.json is not JSON: / },
    'a list': { content: [], line: /peer-perf\.json: it must be an object$/ },
    nothing: { content: 'null', line: /peer-perf\.json: it must be an object$/ },
    'a profile that says nothing': {
      content: { profiles: { quick: null } },
      line: /: profiles\.quick must be an object$/
    },
    'no profiles but a text': { content: { profiles: 'quick' }, line: /: profiles must be an object$/ },
    'an unknown setting': { content: { pears: 4 }, line: /json: pears is not a setting: is it "peers"\?$/ },
    'what each call says for itself': { content: { resume: 'x' }, line: /: resume is not a setting: / },
    'a value of the wrong kind': { content: { peers: true }, line: /: peers must be a text or a number$/ },
    'a list where one is wanted': {
      content: { network: ['home'] },
      line: /: network must be a text or a number$/
    },
    'a text for a switch': {
      content: { allowUndecided: 'yes' },
      line: /: allowUndecided must be true or false$/
    },
    'a value out of bounds': { content: { peers: 0 }, line: /: peers is "0"\. It must be .*$/ },
    'an unknown choice': { content: { engine: 'steam' }, line: /: engine is "steam"\. Allowed choices are / },
    'a mistake in a profile': {
      content: { profiles: { quick: { peers: -1 } } },
      line: /: profiles\.quick\.peers is "-1"\. It must be/
    }
  }
  for (const [what, { content, line }] of Object.entries(wrong))
    it(`is refused in one line: ${what}`, () =>
      assert.throws(() => flagsOf(content), { name: 'UserError', message: line }))

  it('is as its schema says', () => {
    const isValid = new Ajv2020({ allowUnionTypes: true }).compile(configurationSchema(program))
    assert.ok(isValid(AGREED), JSON.stringify(isValid.errors))
    for (const { content } of Object.values(wrong))
      if (
        typeof content === 'object' &&
        !Object.hasOwn(content!, 'peers') &&
        !Object.hasOwn(content!, 'profiles')
      )
        assert.ok(!isValid(content), JSON.stringify(content))
  })
})
