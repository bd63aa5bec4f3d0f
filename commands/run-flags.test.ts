import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checked, localFlags, localTestCommand, type LocalFlags } from './run'

function parse(...args: string[]): LocalFlags {
  const errors: string[] = []
  const command = localTestCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => errors.push(text) })
  try {
    return localFlags(command.parse(args, { from: 'user' }))
  } catch {
    throw new Error(errors.join(''))
  }
}

describe('the flags of a local test', () => {
  it('default to ten peers for thirty seconds', () => {
    const { peers, duration, warmup, peerLibrary, routine, peersPerTab, threshold, label, keepOpen } = parse()
    assert.deepEqual(
      { peers, duration, warmup, peerLibrary, routine, peersPerTab, threshold, label, keepOpen },
      {
        peers: 10,
        duration: 30,
        warmup: 5,
        peerLibrary: 'layers',
        routine: 'stand',
        peersPerTab: undefined,
        threshold: [],
        label: {},
        keepOpen: undefined
      }
    )
  })

  it('collect repeatable flags', () => {
    const flags = parse(
      '--threshold',
      'delivery.all>=0.9',
      '--threshold',
      'latency.all.p95<1s',
      '--label',
      'a=b=c',
      '--label',
      'd='
    )
    assert.deepEqual(flags.threshold, ['delivery.all>=0.9', 'latency.all.p95<1s'])
    assert.deepEqual(flags.label, { a: 'b=c', d: '' })
  })

  const mistakes: { args: string[]; says: RegExp }[] = [
    { args: ['--peers', 'ten'], says: /--peers.*whole number from 2 to/ },
    { args: ['--peers', '1'], says: /--peers.*from 2 to/ },
    { args: ['--duration', '-1'], says: /--duration.*number from 1 to/ },
    { args: ['--routine', 'stnad'], says: /--routine.*must be one of / },
    { args: ['--network', '4gg'], says: /must be a network[^]*unknown network "4gg": did you mean 4g/ },
    { args: ['--mesh', 'half'], says: /--mesh.*must be usual or full/ },
    { args: ['--peer-config', '[]'], says: /must be a JSON object/ },
    { args: ['--threshold', 'delivery.position>=high'], says: /column 20[^]*\n {19}\^/ },
    { args: ['--label', 'x'], says: /must be like branch=main/ },
    { args: ['--id', 'a b'], says: /1 to 64 letters/ },
    { args: ['--server-port', '70000'], says: /from 1 to 65535/ },
    { args: ['--piers', '3'], says: /unknown option '--piers'[^]*Did you mean --peers/ }
  ]
  for (const { args, says } of mistakes) {
    it(`refuse ${args.join(' ')}`, () => assert.throws(() => parse(...args), says))
  }

  it('refuse a test that would be over before its warm-up', () => {
    assert.throws(
      () => checked(parse('--duration', '5')),
      /--duration 5 s is not longer than the warm-up of 5 s, .* shorter warm-up/
    )
    assert.equal(checked(parse('--duration', '5', '--warmup', '1')).duration, 5)
  })

  it('refuse a network that would change only when the test is over', () => {
    const lasting = (duration: string) => parse('--network', 'home,4g,20s:offline', '--duration', duration)
    assert.throws(() => checked(lasting('20')), /--duration 20 ends before .* changes: use a longer one/)
    assert.equal(checked(lasting('20.5')).duration, 20.5)
  })
})
