import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { parseGate } from '../analysis/gate/criteria'
import { UserError } from '../cli/user-error'
import { ID_PATTERN } from '../protocol/limits'
import { BrowserProbe } from './browser-probe'
import { runCompare } from './compare-process'
import { STORED_PLAN } from './testing/sample-plan'

/** Has a script stand in for peer-perf, and the shell for node, which takes longer to start. */
function replaceProgram(t: TestContext, path: string) {
  const { execPath } = process
  const [, program] = process.argv
  t.after(() => {
    process.execPath = execPath
    process.argv[1] = program!
  })
  process.execPath = '/bin/sh'
  process.argv[1] = path
}

it('begins no comparison once it is to stop', async (t) => {
  replaceProgram(t, devNull)
  const signal = AbortSignal.abort(new UserError('Stopped by SIGINT'))
  await assert.rejects(runCompare('none', [], signal), /^UserError: Stopped by SIGINT$/)
})

/** An empty results folder, and a program that only writes down what it is asked. */
async function resultsOf(t: TestContext) {
  const results = await mkdtemp(join(tmpdir(), 'compare-process-'))
  const { TEST_RESULTS_LOCATION } = process.env
  t.after(() => {
    if (TEST_RESULTS_LOCATION === undefined) delete process.env.TEST_RESULTS_LOCATION
    else process.env.TEST_RESULTS_LOCATION = TEST_RESULTS_LOCATION
    return rm(results, { recursive: true })
  })
  process.env.TEST_RESULTS_LOCATION = results
  const [program, file] = [join(results, 'told.sh'), join(results, 'told')]
  await writeFile(program, `printf '%s\\n' "$@" >'${file}'`)
  replaceProgram(t, program)
  return { results, told: async () => (await readFile(file, 'utf8')).trimEnd().split('\n') }
}

async function finish(results: string, id: string, document: object) {
  const folder = join(results, 'comparisons', id)
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'campaign.json'),
    JSON.stringify({ plan: STORED_PLAN, runs: [], ended: 'decided' })
  )
  await writeFile(join(folder, 'comparison.json'), JSON.stringify(document))
}

it('starts a comparison that notices the end of this process', async (t) => {
  const { results, told } = await resultsOf(t)
  await writeFile(process.argv[1]!, `echo "$NODE_CHANNEL_FD" >'${join(results, 'told')}'`)
  await assert.rejects(runCompare('none', [], new AbortController().signal), /came to no verdict/)
  assert.match((await told())[0]!, /^\d+$/)
})

it('adds no stack trace to why the comparison failed', async (t) => {
  const { results } = await resultsOf(t)
  await finish(results, 'cut', {})
  await writeFile(join(results, 'comparisons', 'cut', 'campaign.json'), '{"plan":')
  await writeFile(process.argv[1]!, 'exit 1')
  const { signal } = new AbortController()
  await assert.rejects(
    runCompare('cut', [], signal),
    /^UserError: cut came to no verdict. To resume: run the same command again$/
  )
})

const partOf = (component: object) => ({ criteria: [{ components: [component] }] })

it('asks browsers under one network, whatever peer-perf.json says', async (t) => {
  const { told } = await resultsOf(t)
  const { signal } = new AbortController()
  const probe = new BrowserProbe({ id: 'none', metric: 'cpu', args: ['--peers', '4'], signal })
  await assert.rejects(probe.differ('a', 'b'), /^UserError: none-ends came to no verdict/)
  assert.deepEqual(await told(), [
    ...['compare', '--id', 'none-ends', '--one-network', '--engine', 'browser'],
    ...['--baseline', 'a', '--candidate', 'b', '--gate', 'only,cpu', '--peers', '4']
  ])
})

it('gives each build of a long name a comparison of its own', async (t) => {
  const { told } = await resultsOf(t)
  const { signal } = new AbortController()
  const probe = new BrowserProbe({ id: 'bisect-01234567', metric: 'cpu', args: [], signal })
  const builds = [7, 8].map((day) => `@dcl/catalyst-peer@1.0.5-2021110${day}175017.commit-6ba1f4c`)
  const ids: string[] = []
  for (const build of builds) {
    await assert.rejects(probe.ask(build, build), /came to no verdict/)
    ids.push((await told())[2]!)
  }
  for (const id of ids) assert.match(id, ID_PATTERN)
  assert.equal(new Set(ids).size, 2)
})

const EQUAL = { verdict: 'holds', scale: 'difference', unit: 'ratio', estimate: 0 }
const WORSE = { ...EQUAL, verdict: 'worse', estimate: -0.2 }
const BETTER = { ...EQUAL, isBetter: true, estimate: 0.2 }
const LATE = { ...EQUAL, verdict: 'worse', baseline: 0.2, estimate: 'never' }
const ARRIVES = { ...EQUAL, isBetter: true, baseline: 'never', candidate: 0.8, estimate: null }
const APPEARS = { ...EQUAL, verdict: 'worse', scale: 'ratio', baseline: 0, candidate: 0.4, estimate: null }
const PLACES: [where: string, blocks: object, simulated: object, says: string, against: string][] = [
  ['in the blocks', WORSE, EQUAL, '−20 points', 'a'],
  ['in simulated meshes', EQUAL, WORSE, '−20 points', 'a'],
  ['in the blocks, which got better', BETTER, EQUAL, '+20 points', 'b'],
  ['in simulated meshes, which got better', EQUAL, BETTER, '+20 points', 'b'],
  ['from a value to never', LATE, EQUAL, 'never', 'a'],
  ['from never to a value', ARRIVES, EQUAL, 'not reached → 80%', 'b'],
  ['from 0 to a value', APPEARS, EQUAL, '0% → 40%', 'a']
]
for (const [where, blocks, simulated, says, against] of PLACES)
  it(`takes half of the difference that decided as the margin, at most the largest: ${where}`, async (t) => {
    const { results, told } = await resultsOf(t)
    const finishAs = (id: string, verdict: string) => {
      const gate = { verdict, ...partOf(blocks), simulated: [partOf(simulated)] }
      return finish(results, id, { baseline: { name: 'a', provenance: {} }, gate })
    }
    const { signal } = new AbortController()
    const probe = new BrowserProbe({ id: 'it', metric: 'connection.first.p95', args: [], signal })
    await finishAs('it-ends', against === 'a' ? 'worse' : 'pass')
    assert.equal(await probe.differ('a', 'b'), says)
    await assert.rejects(probe.ask('c', 'step'), /came to no verdict/)
    const asked = await told()
    const margin = says.endsWith('points') ? 0.1 : 10
    assert.deepEqual(asked.slice(-6, -1), ['--baseline', against, '--candidate', 'c', '--gate'])
    const criteria = parseGate(asked.at(-1)!)
    assert.deepEqual(
      criteria.map((each) => [each.name, each.margin]),
      [['connection.first.p95', margin]]
    )
    for (const [verdict, answer] of [
      ['pass', against === 'a' ? 'good' : 'bad'],
      ['worse', against === 'a' ? 'bad' : 'good'],
      ['undecided', 'unclear']
    ] as const) {
      await finishAs('it-step', verdict)
      const why = says + (against === 'a' ? '' : ' against --bad')
      assert.deepEqual(await probe.ask('c', 'step'), { answer, why })
    }
  })

const UNMEASURED = {
  ...{ headline: 'undecided', why: 'There is no complete block to compare\n  run-1: it crashed' },
  ...{ baseline: { name: 'a' }, isUnmeasured: true },
  gate: { verdict: 'undecided', ...partOf({ ...EQUAL, estimate: null }), simulated: [] }
}
const QUESTIONS: [name: string, ask: (probe: BrowserProbe) => Promise<unknown>][] = [
  ['ends', (probe) => probe.differ('a', 'b')],
  ['step', (probe) => probe.ask('c', 'step')]
]
for (const [name, ask] of QUESTIONS)
  it(`has browsers tell nothing of builds that could not be measured: ${name}`, async (t) => {
    const { results } = await resultsOf(t)
    await finish(results, `it-${name}`, UNMEASURED)
    const { signal } = new AbortController()
    await assert.rejects(ask(new BrowserProbe({ id: 'it', metric: 'cpu', args: [], signal })), {
      name: 'UserError',
      message: `it-${name} could not be measured (There is no complete block to compare): run the same command again where it can, after removing ${join(results, 'comparisons', `it-${name}`)} unless a busy machine ended it`
    })
  })
