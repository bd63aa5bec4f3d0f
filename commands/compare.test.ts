import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import type { Judged } from '../analysis/formats/judged'
import { fakeBlocks } from '../analysis/testing/fake-runs'
import { CampaignStore } from '../orchestration/store'
import { parsePlan } from '../orchestration/plan'
import { program, run } from './compare'

const PLAN = parsePlan({
  ...{ id: 'short', command: 'compare', madeAt: 0, variants: ['layers', 'islands'], common: {}, seed: 1 },
  ...{ blocks: 3, primary: 'latency.position.p95', secondary: [], margin: null },
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand' }
})

/** Runs the command on a results folder of its own. */
async function commandOn(t: TestContext) {
  const { TEST_RESULTS_LOCATION } = process.env
  const { argv } = process
  const results = (process.env.TEST_RESULTS_LOCATION = await mkdtemp(join(tmpdir(), 'compare-')))
  t.after(async () => {
    process.argv = argv
    if (TEST_RESULTS_LOCATION === undefined) delete process.env.TEST_RESULTS_LOCATION
    else process.env.TEST_RESULTS_LOCATION = TEST_RESULTS_LOCATION
    await rm(results, { recursive: true })
  })
  t.mock.method(console, 'log', () => undefined)
  const compare = (...flags: string[]) => {
    process.argv = [...argv.slice(0, 2), ...flags]
    program.parse(flags, { from: 'user' })
    return run(new AbortController().signal)
  }
  return { results, store: new CampaignStore(results), compare }
}

const ARGV = ['--baseline=layers', '--candidate=islands', '--blocks=3']

const CASES: { first: string[]; now: string[]; exitCode: number }[] = [
  { first: [], now: [], exitCode: 4 },
  { first: ['--allow-undecided'], now: [], exitCode: 0 },
  { first: [], now: ['--allow-undecided'], exitCode: 0 }
]
for (const { first, now, exitCode } of CASES)
  it(`ends undecided with ${exitCode}: at first ${first.join(' ')}, resumed ${now.join(' ')}`, async (t) => {
    const { store, compare } = await commandOn(t)
    const plan = { ...PLAN, argv: [...ARGV, ...first] }
    await store.create(plan)
    await store.save({ plan, runs: fakeBlocks(3), simulated: [] })
    const outcome = await compare('--resume', 'short', ...now)
    assert.equal(typeof outcome === 'number' ? outcome : outcome.exitCode, exitCode)
  })

it('says so if the same runs were judged otherwise before', async (t) => {
  const { store, compare } = await commandOn(t)
  const plan = { ...PLAN, argv: ARGV }
  await store.create(plan)
  await store.save({ plan, runs: fakeBlocks(3), simulated: [] })
  await compare('--resume', 'short')
  const file = join(store.folder('short'), 'comparison.json')
  const judged = JSON.parse(readFileSync(file, 'utf8')) as Judged
  judged.gate.verdict = 'pass'
  writeFileSync(file, JSON.stringify({ ...judged, headline: 'Pass' }))
  const log = t.mock.method(console, 'log', () => undefined)
  const JUDGED_BEFORE = 'The same runs were judged before: Pass'
  for (const count of [1, 1]) {
    await compare('--resume', 'short')
    assert.equal(log.mock.calls.filter((call) => call.arguments[0] === JUDGED_BEFORE).length, count)
  }
})

const BUILT = '--base and --build are for --baseline merge-base: leave them out'
for (const [flags, message] of [
  [['--build', 'make'], BUILT],
  [['--base', 'main'], BUILT],
  [
    ['--fault', 'lighthouse@10s-15s'],
    '--fault happens only in virtual time: add --engine simulation, or leave it out'
  ],
  [['--detect', '0'], '--detect must be a share such as 3%: no run can show that nothing changes at all'],
  [
    ['--engine', 'simulation', '--design', 'isolated'],
    '--design is for browsers: leave it out, or use --engine browser'
  ],
  [
    ['--profile', 'quick', '--design', 'isolated'],
    '--design is for browsers: leave it out, or use --engine browser'
  ]
] as const)
  it(`refuses what has no effect: ${flags.join(' ')}`, async (t) => {
    const { compare } = await commandOn(t)
    const refused = compare('--baseline', 'layers', '--candidate', 'islands', ...flags)
    await assert.rejects(refused, { name: 'UserError', message })
  })

for (const flags of [
  ['--json', '--format=junit'],
  ['--design=isolated', '--no-side-by-side']
])
  it(`refuses what contradicts itself, in any order: ${flags.join(' ')}`, () => {
    program.exitOverride().configureOutput({ outputError: () => undefined })
    for (const order of [flags, flags.toReversed()])
      assert.throws(() => program.parse(order, { from: 'user' }), /cannot be used with option/)
  })

it('says in one line that a comparison under one network does not go on under several', async (t) => {
  const { store, compare } = await commandOn(t)
  await store.create({ ...PLAN, argv: ARGV })
  await assert.rejects(compare('--resume', 'short', '--weather', 'all'), {
    name: 'UserError',
    message: /^short was started otherwise than with --weather all: /
  })
  await assert.rejects(compare('--resume', 'none', '--weather', 'all'), {
    name: 'UserError',
    message: /^No comparison is named "none" /
  })
})

it('does not replace the verdict of a comparison by that of existing results', async (t) => {
  const { results, store, compare } = await commandOn(t)
  await store.create(PLAN)
  const verdict = join(store.folder('short'), 'comparison.json')
  await writeFile(verdict, 'the verdict')
  const tests = fakeBlocks(1, (_, build) => ({ delay: 20 + build })).map(
    ({ summary }, index) => [`t${index}`, { summary }] as const
  )
  for (const [id, document] of tests) await writeFile(join(results, `${id}.json`), JSON.stringify(document))
  const compareStored = (id: string, ...flags: string[]) =>
    compare('--from', 't0', '--to', 't1', '--id', id, ...flags)
  await assert.rejects(compareStored('short'), {
    name: 'UserError',
    message: '"short" is a comparison with blocks of its own: choose another --id'
  })
  assert.equal(await readFile(verdict, 'utf8'), 'the verdict')
  for (const half of ['--from', '--to'])
    await assert.rejects(compare(half, 't0'), {
      name: 'UserError',
      message: /^--from and --to belong together/
    })
  for (const [flags, exitCode] of [
    [[], 4],
    [['--allow-undecided'], 0]
  ] as const) {
    const outcome = await compareStored('again', ...flags)
    assert.equal(typeof outcome === 'object' && outcome.exitCode, exitCode)
  }
})
