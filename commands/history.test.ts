import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { fakeRun } from '../analysis/testing/fake-runs'
import { parsePlan } from '../orchestration/plan'
import { CampaignStore, type Campaign } from '../orchestration/store'
import { program, run } from './history'

const PLAN = parsePlan({
  ...{ id: 'row', command: 'history', madeAt: 0, variants: ['layers', 'islands'], common: {}, seed: 1 },
  ...{ blocks: 9, primary: 'latency.position.p95', secondary: [], margin: null },
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand' }
})
const runs = Array.from({ length: 9 }, (_, block) =>
  [0, 1].map((variant) => fakeRun(block, variant, { library: { version: `1.0.${variant}` } }))
).flat()

it('runs enough blocks by default to call one of seven builds worse, if all seven criteria vary', () => {
  const blocks = Number(program.options.find(({ long }) => long === '--blocks')!.defaultValue)
  const gates = 2 * 7 - 3
  assert.ok(gates * 7 * 0.5 ** blocks <= 0.05)
})

const CASES: { is: string; campaign: Partial<Campaign>; exitCode: number; why?: string | null }[] = [
  { is: 'complete', campaign: {}, exitCode: 0, why: null },
  {
    is: 'ended early',
    campaign: { runs: runs.slice(0, 6), ended: 'islands lost all of its 9 attempts' },
    exitCode: 1,
    why: 'It ended early: islands lost all of its 9 attempts'
  },
  {
    is: 'without a usable run, and a report',
    campaign: { runs: runs.map((run) => ({ ...run, failures: ['lost'] })), ended: 'each lost all' },
    exitCode: 3
  }
]
for (const { is, campaign, exitCode, why } of CASES)
  it(`ends with ${exitCode} and says why: ${is}`, async (t) => {
    const { TEST_RESULTS_LOCATION } = process.env
    const results = (process.env.TEST_RESULTS_LOCATION = await mkdtemp(join(tmpdir(), 'history-')))
    t.after(async () => {
      if (TEST_RESULTS_LOCATION === undefined) delete process.env.TEST_RESULTS_LOCATION
      else process.env.TEST_RESULTS_LOCATION = TEST_RESULTS_LOCATION
      await rm(results, { recursive: true })
    })
    const store = new CampaignStore(results)
    await store.create(PLAN)
    await store.save({ plan: PLAN, runs, ...campaign })
    for (const output of ['log', 'error'] as const) t.mock.method(console, output, () => undefined)
    program.parse(['--resume', 'row'], { from: 'user' })
    const outcome = await run(new AbortController().signal)
    assert.equal(typeof outcome === 'number' ? outcome : outcome.exitCode, exitCode)
    const file = join(store.folder('row'), 'history.json')
    const text = await readFile(file, 'utf8').catch(() => '{}')
    assert.equal((JSON.parse(text) as { incomplete?: string | null }).incomplete, why)
  })
