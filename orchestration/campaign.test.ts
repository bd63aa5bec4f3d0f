import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { completeBlocks } from '../analysis/comparison/run'
import { defaultGate } from '../analysis/gate/criteria'
import { judgeGate } from '../analysis/gate/gate'
import { fakeRun, type FakeRunOptions } from '../analysis/testing/fake-runs'
import { PlainProgress } from '../cli/progress'
import { mayEnd } from './judging'
import { parsePlan, schedule, type PlannedRun } from './plan'
import { withMoreBlocks } from './conduct'
import { runCampaign, runsLeft, type CampaignParts, type Execution } from './campaign'
import { CampaignStore, type Campaign } from './store'
import { STORED_PLAN } from './testing/sample-plan'

const STORED = { ...STORED_PLAN, variants: ['layers', 'islands'], blocks: 3 }
const PLAN = parsePlan(STORED)

/** A bench that does not run anything: `outcome` determines how each run ends. */
function fakeBench(outcome: (run: PlannedRun, count: number) => FakeRunOptions | Error = () => ({})) {
  const executed: string[] = []
  return {
    executed,
    execute: (run: PlannedRun): Promise<Execution> => {
      executed.push(`${run.block}${'AB'[run.variant]!}`)
      const options = outcome(run, executed.length)
      if (options instanceof Error) return Promise.reject(options)
      return Promise.resolve(fakeRun(run.block, run.variant, { ...options, seed: run.seed }))
    }
  }
}

/** The bench, if both builds of a block run at the same time, and solo runs alone. */
function atOnce({ execute }: ReturnType<typeof fakeBench>) {
  let running = 0
  return async (planned: PlannedRun) => {
    running++
    const execution = await execute(planned)
    assert.equal(running, planned.solo ? 1 : 2)
    await new Promise(setImmediate)
    running--
    return execution
  }
}

describe('A campaign', () => {
  let folder: string
  let store: CampaignStore
  let lines: string[]
  const progress = new PlainProgress((line) => lines.push(line))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'campaign-'))
    store = new CampaignStore(folder)
    lines = []
  })
  afterEach(() => rm(folder, { recursive: true }))

  const run = (
    campaign: Campaign,
    execute: (run: PlannedRun) => Promise<Execution>,
    signal = new AbortController().signal,
    mayEnd: CampaignParts['mayEnd'] = () => null
  ) =>
    runCampaign(campaign, {
      execute: (runs) => Promise.all(runs.map(execute)),
      store,
      progress,
      signal,
      mayEnd,
      now: () => 0
    })

  it('draws the order of each block, balanced over each two, with one seed per block', async () => {
    const bench = fakeBench()
    const campaign = await store.create(PLAN)
    await run(campaign, bench.execute)
    assert.deepEqual(bench.executed, ['0B', '0A', '1A', '1B', '2B', '2A'])
    const seeds = schedule(PLAN).map(({ seed }) => seed)
    assert.equal(new Set(seeds).size, 3)
    assert.deepEqual([seeds[0], seeds[2], seeds[4]], [seeds[1], seeds[3], seeds[5]])
    assert.equal(runsLeft(campaign), 0)
  })

  it('balances over each two blocks who begins, and who gets which cores', () => {
    const runs = schedule({ ...PLAN, blocks: 24 })
    const begins = runs.filter((_, index) => index % 2 === 0).map(({ variant }) => variant)
    const cores = runs.filter(({ variant }) => variant === 0).map(({ slot }) => slot)
    for (const drawn of [begins, cores]) {
      const firsts = drawn.filter((_, block) => block % 2 === 0)
      const balanced = firsts.flatMap((one) => [one, 1 - one])
      assert.deepEqual([drawn, new Set(firsts).size], [balanced, 2])
    }
    assert.notDeepEqual(begins, cores)
  })

  it('resumes after a crash without repeating finished runs', async () => {
    const crashing = fakeBench((_, count) => (count === 4 ? new Error('power cut') : {}))
    await assert.rejects(run(await store.create(PLAN), crashing.execute), /power cut/)

    const resumed = await store.open('mine', 'compare')
    const bench = fakeBench()
    await run(resumed, bench.execute)
    assert.deepEqual(crashing.executed, ['0B', '0A', '1A', '1B'])
    assert.deepEqual(bench.executed, ['1B', '2B', '2A'])
    assert.equal((await store.open('mine', 'compare')).runs.length, 6)
  })

  it('repeats a block with a void run at most twice, as a whole, and keeps every attempt', async () => {
    const bench = fakeBench(({ block, variant }) => (block === 0 && variant === 0 ? { parts: 2 } : {}))
    const campaign = await store.create(PLAN)
    await run(campaign, bench.execute)
    assert.deepEqual(bench.executed, ['0B', '0A', '0B', '0A', '0B', '0A', '1A', '1B', '2B', '2A'])
    assert.deepEqual(
      campaign.runs.slice(0, 6).map(({ attempt }) => attempt),
      [1, 1, 2, 2, 3, 3]
    )
    assert.equal(lines.filter((line) => /void: .*: the block will be repeated/.test(line)).length, 2)
    assert.match(lines.join('\n'), /block given up after 3 attempts/)
    assert.equal(runsLeft(campaign), 0)
    assert.equal(completeBlocks(campaign.runs, [0, 1]).length, 2)
  })

  it('ends after the first block that the machine could not run, and says what to do', async () => {
    const bench = fakeBench(() => ({ cpuUsage: 0.99 }))
    const campaign = await store.create(PLAN)
    await run(campaign, bench.execute)
    assert.deepEqual([bench.executed.length, runsLeft(campaign)], [6, 0])
    assert.match(
      campaign.ended!,
      /^this machine could not run it: all 3 attempts of block 1 were void\. .*peers/s
    )
    assert.equal(lines.filter((line) => /calibrate|carry|peers/.test(line) && line.includes('CPU')).length, 1)
  })

  it('goes on when it is resumed on a machine that can', async () => {
    const campaign = await store.create({ ...PLAN, isSequential: true })
    await run(campaign, fakeBench(({ block }) => (block === 1 ? { cpuUsage: 0.99 } : {})).execute)
    assert.match(campaign.ended!, /block 2 were void/)
    const resumed = withMoreBlocks(campaign, 4)
    const bench = fakeBench()
    await run(resumed, bench.execute)
    assert.deepEqual([bench.executed.length, resumed.ended], [4, undefined])
  })

  it('repeats nothing in virtual time, and gives a build up that fails with three seeds', async () => {
    const simulated = { ...PLAN, setting: { ...PLAN.setting, engine: 'simulation' as const } }
    const bench = fakeBench(({ block, variant }) => (block < 2 && variant === 0 ? { failures: ['no'] } : {}))
    const campaign = await store.create(simulated)
    await run(campaign, bench.execute)
    assert.equal(bench.executed.length, 6)
    assert.match(lines.join('\n'), /block given up after one attempt/)

    const failing = fakeBench(({ variant }) => (variant === 0 ? { failures: ['no'] } : {}))
    const hopeless = await store.create({ ...simulated, id: 'hopeless', blocks: 9 })
    await assert.rejects(run(hopeless, failing.execute), /^UserError: layers failed 3 times; .*: no$/)
  })

  it('uses a valid repetition', async () => {
    const bench = fakeBench((_, count) => (count === 1 ? { cpuUsage: 0.99 } : {}))
    await run(await store.create(PLAN), bench.execute)
    assert.deepEqual(bench.executed, ['0B', '0A', '0B', '0A', '1A', '1B', '2B', '2A'])
  })

  it('runs each build alone in some blocks, after usable runs, and does not repeat solo runs', async () => {
    const bench = fakeBench(({ solo }) => (solo ? { cpuUsage: 0.99 } : {}))
    const plan = { ...PLAN, setting: { ...PLAN.setting, sideBySide: true, soloBlocks: 1 } }
    const campaign = await store.create(plan)
    assert.equal(runsLeft(campaign), 8)
    await run(campaign, atOnce(bench))
    assert.deepEqual(bench.executed, ['0B', '0A', '0B', '0A', '1A', '1B', '2B', '2A'])
    assert.deepEqual(
      campaign.runs.map(({ solo = false }) => solo),
      [false, false, true, true, false, false, false, false]
    )
    assert.doesNotMatch(lines.join('\n'), /repeated|given up/)
    assert.equal(runsLeft(campaign), 0)
  })

  it('runs no build alone that was never usable beside the other', async () => {
    const bench = fakeBench(({ variant }) => (variant === 1 ? { cpuUsage: 0.99 } : {}))
    const setting = { ...PLAN.setting, sideBySide: true, soloBlocks: 1 }
    await run(await store.create({ ...PLAN, blocks: 1, setting }), atOnce(bench))
    assert.deepEqual(bench.executed, ['0B', '0A', '0B', '0A', '0B', '0A', '0A'])
  })

  it('ends as soon as it may, and records why', async () => {
    const bench = fakeBench()
    const campaign = await store.create(PLAN)
    await run(campaign, bench.execute, undefined, (_, blocks) => (blocks === 2 ? 'decided' : null))
    assert.equal(bench.executed.length, 4)
    assert.equal((await store.open('mine', 'compare')).ended, 'decided')
    assert.equal(runsLeft(campaign), 0)
  })

  it('runs both builds of a block at once, and repeats both if one is void', async () => {
    const bench = fakeBench((_, count) => (count === 2 ? { cpuUsage: 0.99 } : {}))
    const plan = { ...PLAN, setting: { ...PLAN.setting, sideBySide: true } }
    const campaign = await store.create(plan)
    await run(campaign, atOnce(bench))
    assert.deepEqual(bench.executed, ['0B', '0A', '0B', '0A', '1A', '1B', '2B', '2A'])
    assert.deepEqual(
      completeBlocks(campaign.runs, [0, 1]).map((block) => block.map(({ attempt }) => attempt)),
      [
        [2, 2],
        [1, 1],
        [1, 1]
      ]
    )
    assert.match(lines[0]!, /Block 1 of 3, about 70 s left: islands beside layers/)
    assert.match(lines.join('\n'), /Block 1 of 3, attempt 2, .*: islands beside layers/)
    assert.equal(runsLeft(campaign), 0)
  })

  const FAILING: [which: string, command: 'compare' | 'history', block: number, variant: number][] = [
    ['the baseline', 'compare', 0, 0],
    ['the baseline of a later block', 'compare', 1, 0],
    ['a build of a history', 'history', 0, 1]
  ]
  for (const [which, command, block, variant] of FAILING)
    it(`ends if ${which} keeps failing`, async () => {
      const bench = fakeBench((planned) =>
        planned.block === block && planned.variant === variant ? { failures: ['No peer connects'] } : {}
      )
      await assert.rejects(run(await store.create({ ...PLAN, command }), bench.execute), {
        name: 'UserError',
        message: `${['layers', 'islands'][variant]!} failed 3 times; the last failure: No peer connects`
      })
      assert.equal(bench.executed.slice(-6).filter((each) => each === `${block}${'AB'[variant]!}`).length, 3)
    })

  it('ends if the baseline keeps failing', async () => {
    const bench = fakeBench(({ variant }) => (variant === 0 ? { failures: ['No peer connects'] } : {}))
    await assert.rejects(run(await store.create(PLAN), bench.execute), {
      name: 'UserError',
      message: 'layers failed 3 times; the last failure: No peer connects'
    })
    assert.equal(bench.executed.length, 6)
  })

  it('counts a candidate’s failures as an outcome, until more would change nothing', async () => {
    const bench = fakeBench(({ variant }) => (variant === 1 ? { failures: ['No peer connects'] } : {}))
    const campaign = await store.create({ ...PLAN, blocks: 8 })
    await run(campaign, bench.execute)
    assert.equal(campaign.ended, 'islands lost all of its 9 attempts')
    assert.equal(bench.executed.length, 18)
  })

  it('lets a history of many builds show that one that loses all is worse', async () => {
    const bench = fakeBench(({ variant }) => (variant === 1 ? { parts: 2 } : {}))
    const campaign = await store.create({ ...PLAN, command: 'history', blocks: 8 })
    await run(campaign, bench.execute)
    assert.equal(campaign.ended, 'islands lost all of its 12 attempts')
    const part = { criteria: defaultGate(), runs: campaign.runs, design: 'paired' } as const
    // 20 builds: each against the one before, and against the first.
    assert.equal(judgeGate({ ...part, share: 1 / 37 }).verdict, 'worse')
  })

  const given: { is: string; variant: number; lost: FakeRunOptions; gate: string; runs: number }[] = [
    { is: 'candidate', variant: 1, lost: { parts: 2 }, gate: '', runs: 48 },
    {
      is: 'candidate whose losses count for nothing',
      variant: 1,
      lost: { parts: 2 },
      gate: 'only,cpu',
      runs: 18
    },
    { is: 'candidate whose machine was lost', variant: 1, lost: { lostRunners: [0] }, gate: '', runs: 18 },
    { is: 'baseline', variant: 0, lost: { parts: 2 }, gate: '', runs: 18 }
  ]
  for (const { is, variant, lost, gate, runs } of given)
    it(`leaves it to the looks whether a candidate that loses all is worse: ${is}`, async () => {
      const bench = fakeBench((planned) => (planned.variant === variant ? lost : {}))
      const campaign = await store.create(parsePlan({ ...STORED, blocks: 24, isSequential: true, gate }))
      await run(campaign, bench.execute, undefined, mayEnd)
      const why = runs > 18 ? /^the gate is decided after 8 blocks: worse$/ : /lost all of its 9 attempts$/
      assert.match(campaign.ended!, why)
      assert.equal(bench.executed.length, runs)
    })

  it('does not count the run that was stopped', async () => {
    const controller = new AbortController()
    const bench = fakeBench((_, count) => {
      if (count === 3) controller.abort()
      return {}
    })
    const campaign = await store.create(PLAN)
    await run(campaign, bench.execute, controller.signal)
    assert.equal(campaign.runs.length, 2)
    assert.equal(runsLeft(campaign), 4)
  })

  it('reports progress and the time left', async () => {
    await run(await store.create(PLAN), fakeBench().execute)
    assert.match(lines[0]!, /Run 1 of 6 \(block 1 of 3\), about 2 min left: islands/)
  })

  it('says nothing about the time left in virtual time until a run has taken some', async () => {
    const setting = { ...PLAN.setting, engine: 'simulation' as const }
    await run(await store.create({ ...PLAN, setting }), fakeBench().execute)
    assert.match(lines[0]!, /Run 1 of 6 \(block 1 of 3\): islands/)
    assert.match(lines[1]!, /Run 2 of 6 \(block 1 of 3\), about \d+ s left: layers/)
  })

  const refusals: { what: string; act: () => Promise<unknown>; message: RegExp }[] = [
    { what: 'an id that is taken', act: () => store.create(PLAN), message: /already.*--resume mine/ },
    {
      what: 'an unknown id',
      act: () => store.open('other', 'compare'),
      message: /No comparison is named "other".*mine/
    },
    { what: 'an id that is none', act: () => store.open('../x', 'compare'), message: /is not an id/ },
    {
      what: 'another command’s campaign',
      act: () => store.open('mine', 'history'),
      message: /npx peer-perf compare/
    }
  ]
  for (const { what, act, message } of refusals) {
    it(`refuses ${what} in one line`, async () => {
      await store.create(PLAN)
      await assert.rejects(act(), { name: 'UserError', message })
    })
  }

  it('keeps plan and runs in one file', async () => {
    await run(await store.create(PLAN), fakeBench().execute)
    const file = JSON.parse(
      await readFile(join(folder, 'comparisons', 'mine', 'campaign.json'), 'utf8')
    ) as Campaign
    assert.deepEqual(file.plan, STORED)
    assert.equal(file.runs[0]!.summary!.testId, file.runs[0]!.testId)
  })
})
