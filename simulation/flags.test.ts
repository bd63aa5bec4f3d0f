import assert from 'node:assert/strict'
import { it } from 'node:test'
import { plansOf, simulateCommand, simulateFlags } from './flags'
import type { Builds } from './plan'

it('an option that a build does not declare is refused, unless it is allowed', () => {
  const build = { library: 'layers' as const, code: '', weight: 1, integrity: null }
  const builds: Builds = [
    { ...build, text: 'layers', options: ['maxConnections', 'maxConections'] },
    { ...build, text: 'layers@0.2.17', options: ['maxConnections'] }
  ]
  const plans = (...args: string[]) =>
    plansOf(simulateFlags(simulateCommand().parse(args, { from: 'user' })), builds)
  const wrong = ['--peer-config', '{"maxConections":3}']
  assert.throws(() => plans(...wrong), {
    name: 'UserError',
    message: /"layers@0\.2\.17" has no option "maxConections"\. Did you mean "maxConnections"\?/
  })
  assert.equal(plans(...wrong, '--allow-unknown-options').length, 1)
  assert.equal(plans('--peer-config', '{"maxConnections":3}').length, 1)
})

it('an id that is too long for the number of its run is refused', () => {
  const build = { library: 'layers' as const, code: '', weight: 1, integrity: null }
  const builds: Builds = [{ ...build, text: 'layers', options: [] }]
  const ids = (runs: number, length: number) =>
    plansOf(
      simulateFlags(
        simulateCommand().parse(['--runs', `${runs}`, '--id', 'x'.repeat(length)], { from: 'user' })
      ),
      builds
    ).map(({ id }) => id.length)
  assert.deepEqual(ids(1, 64), [64])
  assert.deepEqual(ids(2, 62), [64, 64])
  for (const [runs, length] of [
    [2, 63],
    [10, 62]
  ] as const)
    // prettier-ignore
    assert.throws(() => ids(runs, length), { name: 'UserError', message: /is too long for --runs/ })
})

it('a report to open is refused where there is none', () => {
  const flagsOf = (...args: string[]) => simulateFlags(simulateCommand().parse(args, { from: 'user' }))
  assert.equal(flagsOf('--open').open, true)
  assert.throws(() => flagsOf('--open', '--runs', '2'), {
    name: 'UserError',
    message: /^--open .* --runs 1$/
  })
})

it('equal flags give an equal id, in whatever order, and whoever drew the seed', () => {
  const build = { library: 'layers' as const, code: '', weight: 1, integrity: null }
  const planOf = (...args: string[]) => {
    const command = simulateCommand().option('--json').parse(args, { from: 'user' })
    return plansOf(simulateFlags(command), [{ ...build, text: 'layers', options: [] }])[0]!
  }
  const { seed, id } = planOf('--peers-per-page', '2')
  const given = `--seed=${seed}`
  for (const args of [[given], ['--json', given], [given, '--open'], ['--threads=1', given]])
    for (const order of [args, args.toReversed()])
      assert.equal(planOf(...order, '--peers-per-page', '2').id, id, order.join(' '))
  assert.equal(planOf('--peers-per-page', '2', given).id, id)
  assert.notEqual(planOf('--peers-per-page', '3', given).id, id)
})

for (const [what, args, message] of [
  ['without measured time', ['--warmup', '9'], /^--duration 9 s is not longer than the warm-up of 9 s/],
  ['over before its outage', ['--network', 'home,9s:offline'], /^--duration 9 ends before home,9s:offline/]
] as const)
  it(`a test ${what} is refused before its builds are prepared`, () =>
    assert.throws(
      () => simulateFlags(simulateCommand().parse(['--duration', '9', ...args], { from: 'user' })),
      { name: 'UserError', message }
    ))
