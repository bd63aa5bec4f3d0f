import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compare } from '../analysis/testing/compare'
import { parseGate } from '../analysis/gate/criteria'
import { fakeBlocks, fakeRun } from '../analysis/testing/fake-runs'
import { withCandidate } from '../analysis/testing/judged'
import type { Summary } from '../protocol/summary'
import { comparisonRequest, mayEnd, nextCommand } from './judging'
import { parsePlan } from './plan'
import type { SimulatedRuns } from './store'

const PLAN = parsePlan({
  ...{ id: 'x', command: 'compare', madeAt: 0, variants: ['layers', 'layers'], common: {}, seed: 1 },
  ...{ blocks: 12, isSequential: true, primary: 'latency.position.p95', secondary: [], margin: null },
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand', sideBySide: false }
})

/** Each build has its own mesh, so the seeds decide traffic. */
const OWN_MESHES: SimulatedRuns = {
  peers: 8,
  runs: withCandidate(fakeBlocks(20), ({ provenance }) => (provenance.edges = [[0, 1]])),
  refused: null
}

interface Case {
  is: string
  engine: 'browser' | 'simulation'
  gate: string
  noisy: (summary: Summary, factor: number) => number
  simulated?: SimulatedRuns[]
  ends: boolean
}

describe('A comparison whose CPU is still open', () => {
  const late = ({ latencyOwed }: Summary, factor: number) => (latencyOwed.position!.p95! *= factor)
  const chatty = ({ wire }: Summary, factor: number) => (wire.packetsPerMessage! *= factor)
  const CASES: Case[] = [
    { is: 'hopeless for its latency', engine: 'browser', gate: 'latency', noisy: late, ends: true },
    { is: 'open in virtual time', engine: 'simulation', gate: 'latency', noisy: late, ends: false },
    { is: 'hopeless for its traffic', engine: 'browser', gate: 'traffic', noisy: chatty, ends: true },
    {
      is: 'open where seeds decide traffic',
      engine: 'browser',
      gate: 'traffic',
      noisy: chatty,
      simulated: [OWN_MESHES],
      ends: false
    }
  ]
  for (const { is, engine, gate, noisy, ends, simulated = [] } of CASES)
    it(`is ${is}`, () => {
      const runs = withCandidate(fakeBlocks(8), (summary, block) => {
        const sign = block % 2 === 0 ? 1 : -1
        noisy(summary, Math.exp(sign))
        summary.machine.cpuMsPerDelivered! *= Math.exp(sign * 0.08)
      })
      for (const { summary } of runs) summary!.provenance.engine = engine
      const plan = { ...PLAN, criteria: parseGate(`only,cpu,${gate}`) }
      const why = mayEnd({ plan, runs, simulated }, 8)
      if (ends) assert.match(why!, /^hopeless/)
      else assert.equal(why, null)
      assert.equal(mayEnd({ plan, runs, simulated }, 7), null)
      assert.equal(mayEnd({ plan: { ...plan, isSequential: false }, runs, simulated }, 8), null)
    })
})

const forgetCpu = ({ machine }: Summary) => (machine.cpuMsPerDelivered = null)

describe('A metric that only one build reports', () => {
  const CASES: { is: string; spoil: (summary: Summary, block: number) => void; ends: boolean }[] = [
    { is: 'in no run', spoil: forgetCpu, ends: true },
    { is: 'in all runs but one', spoil: (summary, block) => block === 3 && forgetCpu(summary), ends: true },
    { is: 'in all runs', spoil: () => undefined, ends: false },
    {
      is: 'in all runs but one, where another metric may be worse',
      spoil: (summary, block) => {
        if (block === 3) forgetCpu(summary)
        summary.connection.first!.p95 *= block === 0 ? 0.9 : 1.6
      },
      ends: false
    }
  ]
  for (const { is, spoil, ends } of CASES)
    it(`${ends ? 'ends' : 'does not end'} the comparison, with nothing to try next: ${is}`, () => {
      const campaign = {
        plan: { ...PLAN, criteria: parseGate('only,cpu,connecting') },
        runs: withCandidate(fakeBlocks(8), spoil),
        simulated: []
      }
      assert.equal((mayEnd(campaign, 8) ?? '').startsWith('hopeless'), ends)
      const ended = { ...campaign, ended: 'hopeless' }
      assert.equal(comparisonRequest(ended, false).next === undefined, ends)
    })
})

describe('A fixed number of blocks, which starts anew', () => {
  const CASES: { says: string; forgets: (block: number) => boolean; sideBySide?: boolean; next: boolean }[] =
    [
      { says: 'one pair lacks', forgets: (block) => block === 2, next: true },
      { says: 'every pair lacks', forgets: () => true, next: false },
      { says: 'shared cores slow down', forgets: (block) => block === 2, sideBySide: true, next: false }
    ]
  for (const { says, forgets, sideBySide = false, next } of CASES)
    it(`has ${next ? 'a' : 'no'} command to try next for a metric that ${says}`, () => {
      const plan = { ...PLAN, isSequential: false }
      const runs = withCandidate(fakeBlocks(4), (summary, block) => forgets(block) && forgetCpu(summary))
      const setting = { ...plan.setting, sideBySide, ...(sideBySide && { whyNotIsolated: 'requested' }) }
      const campaign = {
        plan: { ...plan, blocks: 4, criteria: parseGate('only,cpu'), setting },
        runs,
        simulated: []
      }
      assert.equal(comparisonRequest(campaign, false).next !== undefined, next)
    })
})

it('A fixed number of blocks starts anew with the build that was made of the merge base', () => {
  const argv = ['--baseline', 'merge-base', '--base=main', '--build', 'npm ci', '--baseline=file:/a']
  assert.equal(
    nextCommand({ ...PLAN, isSequential: false, blocks: 4, argv }),
    'npx peer-perf compare --baseline merge-base --baseline=file:/a --max-blocks 24'
  )
})

describe('A gate of which the blocks can judge nothing', () => {
  const CASES: {
    says: string
    engine?: 'browser' | 'simulation'
    gate: string
    spoil?: (summary: Summary) => void
    simulated?: SimulatedRuns[]
    isHopeless: boolean
  }[] = [
    { says: 'latency in virtual time', engine: 'simulation', gate: 'latency', isHopeless: true },
    { says: 'what no run reports', gate: 'cpu', spoil: forgetCpu, isHopeless: true },
    {
      says: 'but stability, which is open',
      gate: 'cpu,stability:25%',
      spoil: forgetCpu,
      isHopeless: false
    },
    {
      says: 'but which passes by its seeds',
      gate: 'wire.packetsPerMessage:1%',
      simulated: [{ ...OWN_MESHES }],
      isHopeless: false
    }
  ]
  for (const { says, engine = 'browser', gate, spoil = () => undefined, simulated = [], isHopeless } of CASES)
    it(`is ${isHopeless ? '' : 'not '}hopeless from the first look: ${says}`, () => {
      const runs = fakeBlocks(8)
      for (const { summary } of runs) {
        summary!.provenance.engine = engine
        spoil(summary!)
      }
      const plan = { ...PLAN, blocks: 80, criteria: parseGate(`only,${gate}`) }
      const why = mayEnd({ plan, runs, simulated }, 8)
      assert.equal(why !== null, isHopeless)
      if (why === null) return
      assert.match(why, /^hopeless/)
      assert.equal(comparisonRequest({ plan, runs, simulated, ended: why }, false).next, undefined)
    })

  it('is not hopeless without a run that could report it', () => {
    const runs = fakeBlocks(8, () => ({ cpuUsage: 0.99 }))
    assert.equal(mayEnd({ plan: { ...PLAN, criteria: parseGate('only,cpu') }, runs, simulated: [] }, 8), null)
  })
})

describe('A comparison that all its blocks leave undecided', () => {
  for (const [blocks, next] of [
    [24, 'npx peer-perf compare --resume x --max-blocks 36'],
    [200, undefined]
  ] as const)
    it(`has ${next === undefined ? 'no' : 'a'} command to try next after ${blocks}`, () => {
      const runs = withCandidate(fakeBlocks(blocks), ({ machine }, block) => {
        machine.cpuMsPerDelivered! *= block % 2 === 0 ? 1.2 : 0.9
      })
      const plan = { ...PLAN, blocks, criteria: parseGate('only,cpu') }
      assert.equal(comparisonRequest({ plan, runs, simulated: [] }, false).next, next)
    })
})

it('A comparison whose blocks pass, and whose seeds are used up, has nothing to try next', () => {
  const runs = withCandidate(fakeBlocks(20), ({ delivery }, block) => {
    delivery.position! -= block % 2 === 0 ? 0.01 : 0
  })
  const plan = { ...PLAN, criteria: parseGate('only,delivery') }
  const campaign = { plan, runs: fakeBlocks(10), simulated: [{ peers: 8, runs, refused: null }] }
  const ended = mayEnd(campaign, 10)!
  assert.equal(ended, 'the blocks pass, and only virtual time leaves it undecided')
  assert.equal(comparisonRequest({ ...campaign, ended }, false).next, undefined)
})

it('A comparison whose baseline loses every attempt has nothing to try next', () => {
  const runs = Array.from({ length: 9 }, (_, index) => {
    const [block, attempt] = [Math.floor(index / 3), (index % 3) + 1]
    return [fakeRun(block, 0, { attempt, parts: 2 }), fakeRun(block, 1, { attempt })]
  }).flat()
  const campaign = { plan: PLAN, runs, simulated: [], ended: 'layers lost all of its 9 attempts' }
  assert.equal(comparisonRequest(campaign, false).next, undefined)
})

for (const [isSequential, verdict] of [
  [true, 'pass'],
  [false, 'undecided']
] as const)
  it(`Good blocks that a busy machine cut short ${isSequential ? 'may' : 'cannot'} pass if ${isSequential ? 'not all' : 'all'} were promised`, () => {
    const busy = [1, 2, 3].flatMap((attempt) =>
      [0, 1].map((variant) => fakeRun(9, variant, { attempt, cpuUsage: 0.99 }))
    )
    const plan = { ...PLAN, blocks: 24, isSequential }
    const campaign = { plan, runs: [...fakeBlocks(9), ...busy], simulated: [] }
    const { what, advice } = busy[0]!.summary!.reasons[0]!
    const ended = `this machine could not run it: all 3 attempts of block 10 were void. ${what} ${advice}`
    const request = comparisonRequest({ ...campaign, ended }, false)
    assert.deepEqual(
      [compare(request).gate.verdict, request.next],
      [verdict, 'npx peer-perf compare --resume x']
    )
  })

it('A comparison that was stopped goes on, and is judged at the looks until then', () => {
  const request = comparisonRequest({ plan: PLAN, runs: fakeBlocks(9), simulated: [] }, false)
  assert.deepEqual(
    [request.stopped, request.next],
    ['stopped, 9 of 12 blocks', 'npx peer-perf compare --resume x']
  )
  assert.deepEqual(
    request.looks!.map(({ blocks }) => blocks),
    [8, 9]
  )
})

it('The next command names half as many blocks more, in pairs, and no more than there may be', () => {
  const next = [9, 150].map((blocks) =>
    nextCommand({ ...PLAN, blocks })
      .split(' ')
      .at(-1)
  )
  assert.deepEqual(next, ['14', '200'])
})
