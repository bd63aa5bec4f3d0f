import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { Reason, Summary } from '../protocol/summary'
import { keepCalibration, thisMachine } from '../runner/calibration'
import { peerPerf } from '../tools/testing/program'
import { holds, NotMeasured, program, run } from './calibrate'

/** A name of each interface that makes a build one of layers (libraries/generation.ts). */
const CODE = `export const names = ['buildCatalystPeerStatsData', 'setLayer']`

it('estimates a build by the calibration of its generation, as runners look it up', async (t) => {
  const { env } = process
  const folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
  t.after(() => {
    process.env = env
    rmSync(folder, { recursive: true })
  })
  process.env = { ...env, TEST_RESULTS_LOCATION: folder, XDG_CACHE_HOME: join(folder, 'cache') }
  const load = { routine: 'stand', messageTypes: 'faithful', network: 'perfect', mesh: 'usual' } as const
  const found = { library: 'layers', ...load, peers: 20, tabs: 2, peersInOneTab: 14, at: 1 }
  keepCalibration(folder, { ...thisMachine(), ...found })
  const build = join(folder, 'build')
  mkdirSync(build)
  writeFileSync(join(build, 'package.json'), '{"name":"a-peer","version":"1.0.0","main":"index.js"}')
  writeFileSync(join(build, 'index.js'), CODE)
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => said.push(line))
  program.parse(['--peers', '8', '--library', `file:${build}`], { from: 'user' })
  await run(new AbortController().signal)
  assert.match(said.at(-1)!, /^\nEstimated by the calibration of /)
})

it('prints the command of the test that was asked for, with a tab for each line that has a rate', async (t) => {
  const said: string[] = []
  t.mock.method(console, 'log', (line: string) => said.push(line))
  program.parse(['--peers', '4', '--cores', '8', '--network', 'home:3,3g:1', '--routine', 'churn'], {
    from: 'user'
  })
  await run(new AbortController().signal)
  const flags = '--peers 4 --peers-per-tab 1 --library layers --routine churn --network home:3,3g:1'
  assert.ok(said.includes(`  npx peer-perf run --on ssh:hosts.txt ${flags}`), said.join('\n'))
})

it('starts for a user without a home folder, as a number in a container', async () => {
  const asNode = `import os from 'node:os'; os.homedir = () => process.env.HOME ?? assert.fail()`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(asNode)}`, await peerPerf()]
  const env = { ...process.env, HOME: undefined, TEST_RESULTS_LOCATION: tmpdir() }
  args.push('calibrate', '--peers', '4', '--cores', '8')
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
})

for (const [peers, cores, exitCode, says] of [
  ['8', '8', 0, /^\nFits:\n/],
  ['1000', '0.01', 2, /^1000 peers as asked do not fit: [^\n]+\nNor does anything else: /]
] as const)
  it(`ends with ${exitCode} for ${peers} peers on ${cores} cores`, async (t) => {
    const said: string[] = []
    t.mock.method(console, 'log', (line: string) => said.push(line))
    program.parse(['--peers', peers, '--cores', cores], { from: 'user' })
    const outcome = await run(new AbortController().signal)
    assert.equal(typeof outcome === 'object' && outcome.exitCode, exitCode)
    assert.match(said.join('\n'), says)
  })

for (const flag of ['--machines', '--cores'])
  it(`refuses ${flag} without peers`, async () => {
    program.parse([flag, '2'], { from: 'user' })
    await assert.rejects(run(new AbortController().signal), { name: 'UserError', message: /: add --peers/ })
  })

for (const flag of ['--max-peers', '--duration'])
  it(`refuses ${flag} where it measures nothing`, async () => {
    program.parse(['--peers', '8', flag, '20'], { from: 'user' })
    const message = `${flag} is for measuring, and --peers measures nothing: leave one of them out`
    await assert.rejects(run(new AbortController().signal), { name: 'UserError', message })
  })

const trials: [what: string, rules: string[], failures: string[], outcome: boolean | RegExp][] = [
  ['a valid test', [], [], true],
  ['a busy machine', ['split-mesh', 'cpu'], [], false],
  ['a tab that dies', ['crashed-tab'], ['Tab 1 crashed'], false],
  ['wrong figures', ['impossible-figures'], [], /^impossible-figures happened\. Mend it\.$/],
  ['a build that cannot connect', ['no-data'], ['Tab 1 failed: none opened'], /^Tab 1 failed: none opened$/]
]
for (const [what, rules, failures, outcome] of trials)
  it(`takes ${what} for ${typeof outcome === 'object' ? 'no measurement' : outcome ? 'load that it carries' : 'its limit'}`, () => {
    const reasons = rules.map((rule) => ({ rule, what: `${rule} happened.`, advice: 'Mend it.' }) as Reason)
    const trial = { summary: { reasons } as Summary, failures }
    if (typeof outcome === 'boolean') assert.equal(holds(trial), outcome)
    else
      assert.throws(
        () => holds(trial),
        (error) => error instanceof NotMeasured && outcome.test(error.message)
      )
  })

it('takes a test without a summary for no measurement', () =>
  assert.throws(() => holds({ summary: undefined, failures: [] }), NotMeasured))
