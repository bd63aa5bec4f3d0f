import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Summary } from '../../protocol/summary'
import type { Run } from '../comparison/run'
import { fakeBlocks, fakeRun } from '../testing/fake-runs'
import { criterion, judge, withCandidate, withPackets } from '../testing/judged'
import { defaultGate } from './criteria'
import { judgeGate } from './gate'
import { gateHeadline } from './headline'
import { lookSchedule } from './looks'
import { gateRows, simulatedSentences } from './sentences'
import { judgeSimulated, refusedPart, SIMULATED_SIZES } from './simulated'

const [JOINS, LARGE] = SIMULATED_SIZES as [(typeof SIMULATED_SIZES)[number], (typeof SIMULATED_SIZES)[number]]

function simulated(seeds: number, change: (summary: Summary, seed: number) => void = () => undefined): Run[] {
  const runs = fakeBlocks(seeds)
  for (const { summary, variant, block } of runs) {
    summary!.provenance.engine = 'simulation'
    if (variant === 1) change(summary!, block!)
  }
  return runs
}

const gateOf = (simulated: ReturnType<typeof judgeSimulated>[], runs = fakeBlocks(8)) =>
  judgeGate({ criteria: defaultGate(), runs, design: 'paired', simulated })

/** Its own mesh for each build: traffic that differs by 4% from seed to seed, either way. */
const ownMesh = (summary: Summary, seed: number) => {
  summary.provenance.edges = [[0, 1]]
  summary.wire.packetsPerMessage! *= 1 + (seed % 2 ? 0.04 : -0.04)
}

describe('Both builds in virtual time', () => {
  it('pass at the first look if nothing differs', () => {
    for (const size of [JOINS, LARGE])
      assert.equal(judgeSimulated(size, simulated(size.looks[0]!.blocks), defaultGate()).verdict, 'pass')
  })

  it('decide the gate: a build that is worse among 30 peers only is worse', () => {
    const part = judgeSimulated(
      LARGE,
      simulated(16, (summary) => (summary.delivery.position! *= 0.9)),
      defaultGate()
    )
    const gate = gateOf([part])
    assert.equal(gate.verdict, 'worse')
    assert.match(
      gateHeadline(gate),
      /^worse in delivery: position −10 points, margin 0\.5 points \(30 simulated peers\)/
    )
    assert.equal(gateOf([part], fakeBlocks(2)).isFirm, true, 'blocks cannot change it')
  })

  it('leave open what the blocks have not decided, and nine tenths of the false alarms to them', () => {
    const part = judgeSimulated(JOINS, simulated(20), defaultGate())
    const { verdict, isFirm } = gateOf([part], fakeBlocks(2))
    assert.deepEqual(
      { part: part.isFirm, verdict, isFirm },
      { part: true, verdict: 'undecided', isFirm: false }
    )
    const shaky = withCandidate(fakeBlocks(8), ({ wire }, block) => {
      wire.packetsPerMessage! *= block % 2 ? 1.02 : 0.98
    })
    assert.equal(criterion(gateOf([part], shaky), 'traffic').verdict, 'undecided')
    const pOf = (parts: (typeof part)[]) =>
      criterion(gateOf(parts, withPackets(fakeBlocks(16), 1.05)), 'traffic').worseP
    assert.equal(pOf([part]).toFixed(9), (pOf([]) / 0.9).toFixed(9))
  })

  const slower: [what: string, change: (summary: Summary, seed: number) => void][] = [
    ['later messages', ({ latencyOwed }) => (latencyOwed.position!.p95! *= 2)],
    [
      'slower connections, each build in its own mesh',
      (summary, seed) => {
        ownMesh(summary, seed)
        summary.connection.first!.p95 *= 50
      }
    ]
  ]
  for (const [what, change] of slower)
    it(`take more seeds for what a few large meshes cannot show to be worse yet: ${what}`, () => {
      const of = (seeds: number) => judgeSimulated(LARGE, simulated(seeds, change), defaultGate())
      const [few, many] = [of(5), of(16)]
      assert.deepEqual([few.verdict, few.isFirm, many.verdict], ['pass', false, 'worse'])
    })

  it('ask for no more of a criterion that is worse elsewhere', () => {
    const lossy = (summary: Summary) => (summary.delivery.position! *= 0.9)
    const parts = [judgeSimulated(JOINS, simulated(20, lossy), defaultGate())]
    parts.push(judgeSimulated(LARGE, simulated(5, lossy), defaultGate()))
    assert.deepEqual(
      parts.map(({ verdict }) => verdict),
      ['worse', 'undecided']
    )
    const gate = gateOf(parts)
    assert.deepEqual(
      gate.criteria.filter(({ name }) => name === 'delivery').map(({ verdict, remark }) => [verdict, remark]),
      [['worse', null]]
    )
  })

  it('find a build that cannot join, from the first look with enough seeds', () => {
    const runs = Array.from({ length: 20 }, (_, seed) => [
      fakeRun(seed, 0),
      fakeRun(seed, 1, { failures: ['No peer connects'] })
    ]).flat()
    assert.equal(judgeSimulated(JOINS, runs, defaultGate()).verdict, 'worse')
  })

  it('decide traffic over the seeds where each build has its own mesh', () => {
    const few = judgeSimulated(JOINS, simulated(20, ownMesh), defaultGate())
    assert.deepEqual([few.meshesDiffer, few.verdict], [true, 'undecided'])
    const many = judgeSimulated(JOINS, simulated(120, ownMesh), defaultGate())
    assert.equal(many.verdict, 'pass')
    const large = judgeSimulated(LARGE, simulated(5, ownMesh), defaultGate())
    assert.equal(large.verdict, 'pass')
    assert.match(criterion(gateOf([few, large]), 'traffic').remark!, /^a change [^;]* \(8 simulated peers\)$/)
    const blocks = fakeBlocks(8)
    for (const { summary, variant, block } of blocks) if (variant === 1) ownMesh(summary!, block!)
    const gate = gateOf([many, large], blocks)
    assert.deepEqual([gate.verdict, gate.isFirm], ['pass', true])
    assert.match(simulatedSentences(gate)[0]!, /120 seeds: pass; a seed gives each build its own mesh/)
    assert.equal(gateRows(gate).find(({ criterion }) => criterion === 'traffic')!.result, 'by seeds')
  })

  it('let blocks go on whose own traffic looks worse than that of the seeds', () => {
    const seeds = judgeSimulated(JOINS, simulated(120, ownMesh), defaultGate())
    const costly = (summary: Summary, block: number) =>
      (summary.wire.packetsPerMessage! *= block === 0 ? 0.99 : 1.5)
    const of = (blocks: number) =>
      judge(withCandidate(fakeBlocks(blocks), costly), {
        ...{ simulated: [seeds], maxBlocks: 24 },
        looks: lookSchedule([24]).filter((look) => look.blocks <= blocks)
      })
    const [few, many] = [of(8), of(12)]
    assert.deepEqual([few.verdict, few.isFirm, many.verdict], ['pass', false, 'worse'])
  })

  const ofLighthouse: [what: string, from: number[], to: number[], verdict: string][] = [
    ['a heartbeat in a second that has none of the baseline', [0, 0], [1, 400], 'pass'],
    ['two in such a second', [0, 0], [2, 800], 'worse'],
    ['twice the heartbeats, where each second has one', [1, 400], [2, 400], 'worse'],
    ['twice the bytes in as many heartbeats', [1, 400], [1, 800], 'worse'],
    ['requests, which are no heartbeats', [0, 0, 0], [0, 0, 1], 'worse']
  ]
  for (const [what, from, to, verdict] of ofLighthouse)
    it(`${verdict} with ${what}`, () => {
      const runs = simulated(20)
      for (const { summary, variant } of runs) {
        const [messages = 0, bytes = 0, requests = 0] = variant === 0 ? from : to
        Object.assign(summary!.lighthouse, { messages, bytes, requests })
      }
      assert.equal(judgeSimulated(JOINS, runs, defaultGate()).verdict, verdict)
    })

  it('pass a build that no longer loses the only chat of a second', () => {
    const runs = simulated(20)
    for (const { summary, variant, block } of runs)
      if (variant === 0 && block! % 3 === 0 && summary!.delivery.chat !== null) {
        summary!.delivery.chat = 0
        summary!.duplicateRatio.chat = null
      }
    assert.equal(judgeSimulated(JOINS, runs, defaultGate()).verdict, 'pass')
  })

  it('do not call chance worse because Lighthouse messages rise within their margin', () => {
    const runs = simulated(20, (summary, seed) => {
      summary.provenance.edges = [[0, 1]]
      summary.lighthouse.messages! *= 1.03
      summary.wire.packetsPerMessage! *= seed < 16 ? 1.02 : 1 / 1.02
    })
    assert.equal(judgeSimulated(JOINS, runs, defaultGate()).verdict, 'undecided')
  })

  it('leave traffic to the blocks if the size with enough seeds for it was refused', () => {
    const blocks = fakeBlocks(8)
    for (const { summary, variant, block } of blocks) if (variant === 1) ownMesh(summary!, block!)
    const large = judgeSimulated(LARGE, simulated(5, ownMesh), defaultGate())
    const gate = gateOf([refusedPart(JOINS, 'it hangs'), large], blocks)
    assert.equal(gate.verdict, 'undecided')
    assert.equal(gateRows(gate).find(({ criterion }) => criterion === 'traffic')!.result, 'undecided')
  })

  it('say in the verdict that they were refused', () => {
    const parts = [refusedPart(JOINS, 'virtual time lacks X'), refusedPart(LARGE, 'virtual time lacks X')]
    const gate = gateOf(parts)
    assert.match(gateHeadline(gate), /^pass; not judged: .*8 peers, 30 peers \(virtual time lacks X\)$/)
  })
})
