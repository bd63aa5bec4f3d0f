import assert from 'node:assert/strict'
import childProcess from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Command } from 'commander'
import { fakeRun } from '../analysis/testing/fake-runs'
import { PlainProgress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { LostProcessError } from '../simulation/pool'
import type { Bench } from './campaign'
import { conductCampaign, resumeCampaign, withMoreBlocks } from './conduct'
import { addCampaignOptions, contradictionsOf } from './comparison-flags'
import { storedPlan, type Plan } from './plan'
import { simulateFirst } from './simulated-first'
import { CampaignStore, type SimulatedRuns } from './store'
import { SAMPLE_PLAN } from './testing/sample-plan'

const PLAN = SAMPLE_PLAN

describe('Conducting a campaign', () => {
  let folder: string
  let store: CampaignStore
  let concluded: number[]
  let closed: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conduct-'))
    store = new CampaignStore(folder)
    concluded = []
    closed = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function conduct(
    execute: Bench['execute'],
    signal = new AbortController().signal,
    simulated: SimulatedRuns[] = [],
    builds: Bench['builds'] = [null, null],
    plan = PLAN
  ): Promise<boolean> {
    const campaign = await store.open(plan.id, 'compare').catch(() => store.create(plan))
    const close = () => {
      closed++
      return Promise.resolve()
    }
    const { isComplete } = await conductCampaign(
      campaign,
      {
        store,
        elsewhere: {},
        progress: new PlainProgress(() => undefined),
        signal,
        open: () => Promise.resolve({ builds, execute, close }),
        simulate: () => (plan.command === 'compare' ? Promise.resolve(simulated) : assert.fail('it is none'))
      },
      ({ runs }) => {
        concluded.push(runs.length)
        return Promise.resolve()
      }
    )
    return isComplete
  }
  const good: Bench['execute'] = (runs) =>
    Promise.resolve(runs.map(({ block, variant, seed }) => fakeRun(block, variant, { seed })))

  it('simulates first what is a comparison only', async () =>
    assert.equal(await conduct(good, undefined, [], [null, null], { ...PLAN, command: 'history' }), true))

  it('runs, concludes, and frees the bench', async () => {
    assert.equal(await conduct(good), true)
    assert.deepEqual([concluded, closed], [[2], 1])
  })

  it('opens no bench if nothing is left to run, or it is decided', async () => {
    await conduct(good)
    const idle: Bench['execute'] = () => Promise.reject(new Error('must not run'))
    assert.equal(await conduct(idle), true)
    const whole = await store.open('mine', 'compare')
    await store.save({ ...whole, plan: { ...whole.plan, blocks: 8 }, ended: 'decided' })
    assert.equal(await conduct(idle), true)
    assert.deepEqual([concluded, closed], [[2, 2, 2], 1])
  })

  it('reports existing results when a run breaks, and says why', async () => {
    const breaking: Bench['execute'] = (runs, signal) =>
      ++count === 2 ? Promise.reject(new Error('disk full')) : good(runs, signal)
    let count = 0
    await assert.rejects(conduct(breaking), /disk full/)
    assert.deepEqual([concluded, closed], [[1], 1])
  })

  it('reports existing results when it is stopped', async () => {
    const controller = new AbortController()
    let count = 0
    const stopping: Bench['execute'] = (runs, signal) => {
      if (++count === 2) controller.abort()
      return good(runs, signal)
    }
    assert.equal(await conduct(stopping, controller.signal), false)
    assert.deepEqual([concluded, closed], [[1], 1])
  })

  it('reports what virtual time has shown when it is stopped before its first run', async () => {
    const controller = new AbortController()
    const stopping: Bench['execute'] = (runs, signal) => {
      controller.abort()
      return good(runs, signal)
    }
    const simulated = [{ peers: 8, runs: [], refused: 'it does not load' }]
    assert.equal(await conduct(stopping, controller.signal, simulated), false)
    assert.deepEqual(concluded, [0])
  })

  it('keeps what virtual time has shown if its first run breaks', async () => {
    const simulated = [{ peers: 8, runs: [], refused: null }]
    const breaking = () => Promise.reject(new Error('disk full'))
    await assert.rejects(conduct(breaking, undefined, simulated), /disk full/)
    assert.deepEqual((await store.open('mine', 'compare')).simulated, simulated)
  })

  const stages = [
    { stage: 'while its builds are prepared', builds: undefined },
    { stage: 'while both are simulated', builds: [null, null] }
  ]
  for (const { stage, builds } of stages)
    it(`can be resumed if it is stopped ${stage}`, async () => {
      const controller = new AbortController()
      const stopping = () => {
        controller.abort()
        return Promise.reject(new UserError('Stopped by SIGINT'))
      }
      const bench = builds && { builds, execute: good, close: () => Promise.resolve() }
      const { isComplete } = await conductCampaign(
        await store.create(PLAN),
        {
          store,
          elsewhere: {},
          progress: new PlainProgress(() => undefined),
          signal: controller.signal,
          open: () => (bench ? Promise.resolve(bench) : stopping()),
          simulate: stopping
        },
        () => assert.fail('there is nothing to conclude')
      )
      assert.equal(isComplete, false)
      const { plan } = await store.open('mine', 'compare')
      assert.deepEqual(plan.builds, builds)
      if (builds) await assert.rejects(conduct(good, undefined, [], ['sha512-b', null]), /layers has changed/)
      assert.deepEqual(concluded, [])
      assert.deepEqual(storedPlan((await store.open('mine', 'compare')).plan), storedPlan(plan))
      assert.equal(await conduct(good), true)
    })

  it('refuses to go on with another build, and keeps what it has', async () => {
    const controller = new AbortController()
    const stopping: Bench['execute'] = (runs, signal) => {
      controller.abort()
      return good(runs, signal)
    }
    const simulated = [{ peers: 8, runs: [], refused: null }]
    assert.equal(await conduct(stopping, controller.signal, simulated, ['sha512-a', null]), false)
    await assert.rejects(conduct(good, undefined, [], ['sha512-b', null]), {
      name: 'UserError',
      message:
        'layers has changed since this comparison began, or another version of the suite began it: start a new one (track and bisect: after removing comparisons/mine)'
    })
    assert.equal(await conduct(good, undefined, [], ['sha512-a', null]), true)
    assert.deepEqual((await store.open('mine', 'compare')).simulated, simulated)
  })

  it('goes on with blocks that a busy machine ended, however many were planned', async () => {
    const busy: Bench['execute'] = (runs) =>
      Promise.resolve(runs.map(({ block, variant }) => fakeRun(block, variant, { cpuUsage: 0.99 })))
    for (const isSequential of [false, true]) {
      const id = `busy-${isSequential}`
      const plan = { ...PLAN, id, blocks: 2, isSequential }
      assert.equal(await conduct(busy, undefined, [], [null, null], plan), true)
      const { ended, runs } = await store.open(id, 'compare')
      assert.match(ended!, /this machine could not run it/)
      assert.equal(await conduct(good, undefined, [], [null, null], plan), true)
      const resumed = await store.open(id, 'compare')
      assert.deepEqual([resumed.runs.length, resumed.ended], [runs.length + 2, undefined])
    }
  })

  it('changes nothing of a finished comparison that may not go on with more blocks', async () => {
    const plan = { ...PLAN, blocks: 8, isSequential: true, builds: ['sha512-a', null] }
    const finished = { plan, runs: [fakeRun(0, 0), fakeRun(0, 1)], simulated: [], ended: 'decided' }
    await store.create(plan)
    await store.save(finished)
    const file = join(store.folder('mine'), 'campaign.json')
    const saved = await readFile(file, 'utf8')
    const reported: string[] = []
    const going = conductCampaign(
      await resumeCampaign(store, 'compare', new Command(), 'mine', 12),
      {
        store,
        elsewhere: {},
        progress: new PlainProgress(() => undefined),
        signal: new AbortController().signal,
        open: () =>
          Promise.resolve({ builds: ['sha512-b', null], execute: good, close: () => Promise.resolve() })
      },
      (campaign) => {
        reported.push(JSON.stringify({ ...campaign, plan: storedPlan(campaign.plan) }))
        return Promise.resolve()
      }
    )
    await assert.rejects(going, /layers has changed/)
    assert.equal(await readFile(file, 'utf8'), saved)
    assert.deepEqual(reported, [saved])
  })

  it('counts in virtual time with the builds of the blocks', async () => {
    const plan = { ...PLAN, builds: [null, 'sha512-a'] }
    const { signal } = new AbortController()
    await assert.rejects(
      simulateFirst(plan, new PlainProgress(() => undefined), signal, []),
      /layers has changed since this comparison began/
    )
  })

  it('blames no build for a simulation that the system kills', async (t) => {
    const { spawn } = childProcess
    t.mock.method(childProcess, 'spawn', (...given: Parameters<typeof spawn>) => {
      const child = spawn(...given)
      // Not esbuild.
      if (given.flat().includes(process.execPath)) child.once('spawn', () => child.kill('SIGKILL'))
      return child
    })
    const { signal } = new AbortController()
    const simulating = simulateFirst(PLAN, new PlainProgress(() => undefined), signal)
    await assert.rejects(simulating, LostProcessError)
  })

  it('leaves nothing behind if a build or server is refused, before anything is simulated', async () => {
    const opening = conductCampaign(
      await store.create(PLAN),
      {
        store,
        elsewhere: {},
        progress: new PlainProgress(() => undefined),
        signal: new AbortController().signal,
        open: () => Promise.reject(new Error('layers@0 is not published')),
        simulate: () => assert.fail('simulated first')
      },
      () => Promise.resolve()
    )
    await assert.rejects(opening, /not published/)
    await assert.rejects(store.open('mine', 'compare'), /No comparison is named "mine"/)
  })
})

describe('A campaign that is resumed with more blocks', () => {
  const sequential: Plan = { ...PLAN, blocks: 24, isSequential: true }

  it('goes on, although it was hopeless, with the level that is unspent', () => {
    const hopeless = { plan: sequential, runs: [], simulated: [], ended: 'hopeless' }
    const { plan, simulated, ended } = withMoreBlocks(hopeless, 36)
    assert.deepEqual([plan.blocks, plan.stages, simulated, ended], [36, [24], [], undefined])
    assert.deepEqual(withMoreBlocks({ plan, runs: [] }, 36).plan.stages, [24])
    const again = withMoreBlocks({ plan, runs: [] }, 48)
    assert.deepEqual([again.plan.blocks, again.plan.stages], [48, [24, 36]])
  })

  it('must have planned fewer, and must not have spent its level', () => {
    assert.throws(() => withMoreBlocks({ plan: sequential, runs: [] }, 12), /up to 24 blocks/)
    const fixed = {
      ...PLAN,
      blocks: 8,
      argv: [
        '--baseline',
        'layers',
        '--candidate',
        "layers?a={'b':1}",
        '--blocks',
        '8',
        '--gate=only,cpu',
        '--id',
        'x'
      ]
    }
    assert.throws(
      () => withMoreBlocks({ plan: fixed, runs: [] }, 24),
      /exactly 8 blocks .* npx peer-perf compare --baseline layers --candidate 'layers\?a=\{'\\''b'\\'':1\}' --gate=only,cpu --max-blocks 24$/
    )
  })

  it('must not be resumed with flags that its plan does not have', () => {
    const argv = ['--peers', '6', '--gate', 'only,cpu']
    const program = addCampaignOptions(new Command().option('--gate <criteria>'), { peers: 8, duration: 30 })
    program.exitOverride()
    const check = (flags: string[]) => {
      program.parse(['--resume', 'mine', ...flags], { from: 'user' })
      return contradictionsOf(program, { ...PLAN, argv })
    }
    assert.deepEqual(check(['--peers', '6', '--duration', '30']), [])
    assert.deepEqual(check(['--peers', '20', '--gate', 'only,delivery']), [
      '--gate only,delivery',
      '--peers 20'
    ])
  })
})
