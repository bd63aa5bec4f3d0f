import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeBlocks, fakeRun } from '../analysis/testing/fake-runs'
import { withCandidate } from '../analysis/testing/judged'
import type { Summary } from '../protocol/summary'
import { comparisonRequest, mayEnd } from './judging'
import type { Plan } from './plan'
import type { SimulatedRuns } from './simulated-runs'

const PLAN: Plan = {
  ...{ id: 'x', command: 'compare', madeAt: 0, variants: ['layers', 'layers'], common: {}, seed: 1 },
  ...{ blocks: 12, isSequential: true, primary: 'latency.position.p95', secondary: [], margin: null },
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand', sideBySide: false }
}

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
      const plan = { ...PLAN, gate: `only,cpu,${gate}` }
      const why = mayEnd({ plan, runs, simulated }, 8)
      if (ends) assert.match(why!, /^hopeless/)
      else assert.equal(why, null)
    })
})

describe('A metric that only one build reports', () => {
  const forget = ({ machine }: Summary) => (machine.cpuMsPerDelivered = null)
  const CASES: { is: string; spoil: (summary: Summary, block: number) => void; ends: boolean }[] = [
    { is: 'in no run', spoil: forget, ends: true },
    { is: 'in all runs but one', spoil: (summary, block) => block === 3 && forget(summary), ends: true },
    { is: 'in all runs', spoil: () => undefined, ends: false },
    {
      is: 'in all runs but one, where another metric may be worse',
      spoil: (summary, block) => {
        if (block === 3) forget(summary)
        summary.connection.first!.p95 *= block === 0 ? 0.9 : 1.6
      },
      ends: false
    }
  ]
  for (const { is, spoil, ends } of CASES)
    it(`${ends ? 'ends' : 'does not end'} the comparison, with nothing to try next: ${is}`, () => {
      const campaign = {
        plan: { ...PLAN, gate: 'only,cpu,connecting' },
        runs: withCandidate(fakeBlocks(8), spoil),
        simulated: []
      }
      assert.equal((mayEnd(campaign, 8) ?? '').startsWith('hopeless'), ends)
      const ended = { ...campaign, ended: 'hopeless' }
      assert.equal(comparisonRequest(ended, false).next === undefined, ends)
    })
})

it('A comparison whose baseline loses every attempt has nothing to try next', () => {
  const runs = Array.from({ length: 9 }, (_, index) => {
    const [block, attempt] = [Math.floor(index / 3), (index % 3) + 1]
    return [fakeRun(block, 0, { attempt, parts: 2 }), fakeRun(block, 1, { attempt })]
  }).flat()
  const campaign = { plan: PLAN, runs, simulated: [], ended: 'layers lost all of its 9 attempts' }
  assert.equal(comparisonRequest(campaign, false).next, undefined)
})
