import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { leftOfFreeze } from '../testing/freeze'
import { fakeBlocks, fakeRun, type FakeRunOptions } from '../testing/fake-runs'
import { criterion, judge, withCandidate, withPackets, worse } from '../testing/judged'
import { parseGate, STANDARD_CRITERIA } from './criteria'
import type { Run } from '../comparison/run'
import { gateHeadline } from './headline'
import { lookSchedule } from './looks'
import { gateRows } from './sentences'
import { seededRandom } from '../statistics/random'

const ofCandidate = (options: (block: number) => FakeRunOptions) => (block: number, variant: number) =>
  variant === 1 ? options(block) : {}

describe('The gate', () => {
  it('passes a build that does not differ', () => {
    const gate = judge(fakeBlocks(8))
    assert.equal(gate.verdict, 'pass')
    assert.deepEqual(
      gate.criteria.map(({ name, verdict }) => [name, verdict]),
      [...STANDARD_CRITERIA].map((name) => [name, 'holds'])
    )
  })

  it('tells the spread over the blocks that know the metric', () => {
    const runs = withCandidate(fakeBlocks(8), (summary, block) => {
      summary.delivery.chat! += block % 2 ? 0.01 : -0.01
    })
    for (const { block, summary } of runs) if (block! >= 4) summary!.delivery.chat = null
    const { spread, count } = criterion(judge(runs), 'delivery').components[2]!
    assert.deepEqual([count, spread!.toFixed(6)], [4, Math.sqrt((4 * 0.01 ** 2) / 3).toFixed(6)])
  })

  it('passes a build that is better', () =>
    assert.equal(
      judge(
        fakeBlocks(
          8,
          ofCandidate(() => ({ delay: 5 }))
        )
      ).verdict,
      'pass'
    ))

  it('finds a candidate worse that is void in 12 of 18 attempts, though all compared runs are alike', () => {
    const runs = Array.from({ length: 6 }, (_, block) =>
      [1, 2, 3].flatMap((attempt) => [
        fakeRun(block, 0, { attempt }),
        fakeRun(block, 1, { attempt, ...(attempt < 3 && { parts: 2 }) })
      ])
    ).flat()
    const gate = judge(runs)
    assert.equal(gate.verdict, 'worse')
    assert.deepEqual(worse(gate), ['stability'])
    assert.ok(criterion(gate, 'stability').worseP < 0.002)
    assert.deepEqual(gate.attempts.candidate, { attempts: 18, valid: 6, void: 12, failed: 0 })
    const split = gate.attempts.reasons.find(({ reason }) => reason === 'split-mesh')
    assert.deepEqual(split, { reason: 'split-mesh', cause: 'build-or-machine', baseline: 0, candidate: 12 })
  })

  it('finds a candidate worse that never has a valid run', () => {
    const runs = [0, 1, 2].flatMap((block) =>
      [1, 2, 3].flatMap((attempt) => [
        fakeRun(block, 0, { attempt }),
        fakeRun(block, 1, { attempt, failures: ['No peer connects'] })
      ])
    )
    const gate = judge(runs)
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['stability']])
    assert.equal(gate.attempts.candidate.failed, 9)
  })

  it('does not blame the candidate for trouble that hits both builds', () => {
    const strikes = Array.from({ length: 8 }, (_, block) =>
      [1, 2].flatMap((attempt) =>
        [0, 1].map((variant) => fakeRun(block, variant, { attempt, ...(attempt < 2 && { parts: 2 }) }))
      )
    ).flat()
    assert.equal(judge(strikes).verdict, 'pass')
  })

  it('finds a candidate worse that loses 8% of messages, however fast the others are', () => {
    const gate = judge(
      fakeBlocks(
        8,
        ofCandidate((block) => ({ loss: 0.08, delay: 15 + block }))
      )
    )
    assert.equal(gate.verdict, 'worse')
    assert.deepEqual(worse(gate).slice(0, 2), ['delivery', 'latency'])
    // In most runs, a percentile falls on messages that never arrived.
    assert.equal(criterion(gate, 'latency').components[0]!.candidate, 'never')
  })

  it('finds a page worse that freezes for 800 ms every 20 s', () => {
    const gate = judge(
      fakeBlocks(8, (_, variant) => ({
        delay: 3,
        duration: 25,
        ...(variant === 1 && { sendLateness: leftOfFreeze })
      }))
    )
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['latency']])
  })

  it('finds a candidate worse that loses 2% in each of 8 blocks', () => {
    const random = seededRandom(4)
    const gate = judge(
      fakeBlocks(
        8,
        ofCandidate(() => ({ loss: 0.018 + 0.004 * random.uniform() }))
      )
    )
    assert.ok(worse(gate).includes('delivery'), worse(gate).join())
  })

  it('finds a candidate worse that is three times slower, though one of six blocks is void', () => {
    const runs = fakeBlocks(6, (block, variant) => ({
      delay: (20 + block) * (variant === 1 ? 3 : 1),
      ...(block === 2 && { cpuUsage: 0.99 })
    }))
    const gate = judge(runs)
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['latency']])
  })

  it('finds a candidate worse that sends 2.5% more packets in every block', () => {
    const gate = judge(withPackets(fakeBlocks(8), 1.025))
    assert.deepEqual([gate.verdict, worse(gate)], ['worse', ['traffic']])
  })

  it('takes a worse verdict as firm only where the change is hardly within the margin', () => {
    const firmIf = (changes: [number, number]) => {
      const gate = judge(
        withCandidate(
          fakeBlocks(10),
          ({ wire }, block) => (wire.packetsPerMessage! *= 1 + changes[block % 2]!)
        )
      )
      return [gate.verdict, gate.isFirm]
    }
    assert.deepEqual(firmIf([0.009, 0.01]), ['worse', true])
    assert.deepEqual(firmIf([0.001, 0.014]), ['worse', false])
  })

  it('passes a candidate that is worse by less than the margin', () =>
    assert.equal(judge(withPackets(fakeBlocks(8), 1.002)).verdict, 'pass'))

  it('calls no metric worse that may differ by chance, because another of its criterion does not', () => {
    const runs = withCandidate(fakeBlocks(14), (summary, block) => {
      const noise = block % 2 ? 1.01 : 1 / 1.01
      summary.lighthouse.messages! *= 1.03
      summary.wire.packetsPerMessage! *= block < 11 ? 1.02 : 1 / 1.02
      summary.latencyOwed.position!.p95! *= noise
      summary.connection.first!.p95 *= noise
      summary.machine.cpuMsPerDelivered! *= noise
    })
    const gate = judge(runs)
    const { verdict, remark } = criterion(gate, 'traffic')
    assert.equal(verdict, 'undecided')
    const told = gateRows(gate).filter(({ criterion: name, p }) => name === 'traffic' && p !== '')
    assert.deepEqual(
      told.map(({ metric }) => metric),
      ['lighthouse.messages']
    )
    assert.match(remark!, /^a change for the worse .* is still possible \(wire\.packetsPerMessage\)/)
  })

  it('finds one worse percentile among noise in a fixed number of 8 blocks', () => {
    const runs = withCandidate(fakeBlocks(8), (summary, block) => {
      const noise = block % 2 ? 1.01 : 1 / 1.01
      const { position, profile, chat } = summary.latencyOwed
      position!.p95! *= 1.2
      for (const each of [profile!, chat!]) [each.p50, each.p95] = [each.p50! * noise, each.p95! * noise]
      position!.p99! *= noise
      summary.connection.first!.p95 *= noise
      summary.wire.packetsPerMessage! *= noise
      summary.machine.cpuMsPerDelivered! *= noise
    })
    assert.equal(criterion(judge(runs), 'latency').verdict, 'worse')
  })

  it('is undecided with too few blocks, and says how many it takes', () => {
    const gate = judge(fakeBlocks(4))
    assert.equal(gate.verdict, 'undecided')
    assert.match(criterion(gate, 'stability').remark!, /^it takes 8 attempts without a loss; there are 4$/)
    assert.match(criterion(gate, 'cpu').remark!, /5 blocks are the fewest/)
  })

  it('never shows timed criteria to hold if builds share cores, but can find them worse', () => {
    const shared = { sharedCores: true }
    const gate = judge(fakeBlocks(8), shared)
    assert.equal(gate.verdict, 'undecided')
    assert.deepEqual(
      gate.criteria.filter(({ verdict }) => verdict === 'undecided').map(({ name }) => name),
      ['latency', 'connecting', 'cpu']
    )
    const results = (blocks: Run[]) =>
      gateRows(judge(blocks, shared)).map(({ metric, result }) => `${metric} ${result}`)
    const faster = fakeBlocks(
      8,
      ofCandidate(() => ({ delay: 5 }))
    )
    for (const each of [fakeBlocks(8), faster])
      assert.deepEqual(
        results(each).filter((row) => /^(latency|connection|machine).* (holds|better)$/.test(row)),
        []
      )
    assert.doesNotMatch(gateHeadline(judge(faster, shared)), /better/)
    assert.deepEqual(
      worse(
        judge(
          fakeBlocks(
            8,
            ofCandidate(() => ({ delay: 60 }))
          ),
          shared
        )
      ),
      ['latency']
    )
  })

  it('judges unpaired results', () => {
    const unpaired = (runs: Run[]) =>
      judge(
        runs.map((run) => ({ ...run, block: null })),
        { design: 'unpaired' }
      )
    assert.equal(unpaired(fakeBlocks(10, () => ({ delay: 20 }))).verdict, 'pass')
    assert.ok(
      worse(
        unpaired(
          fakeBlocks(
            6,
            ofCandidate(() => ({ loss: 0.1 }))
          )
        )
      ).includes('delivery')
    )
    const halfVoid = fakeBlocks(
      16,
      ofCandidate((block) => (block % 2 ? { parts: 2 } : {}))
    )
    assert.deepEqual(worse(unpaired(halfVoid)), ['stability'])
  })

  const FEW = 'too few runs: 4 of each build are the fewest'
  for (const [count, verdict, remark] of [
    [3, 'undecided', FEW],
    [4, 'pass', null]
  ] as const)
    it(`finds ${verdict} for ${count} equal unpaired runs of each build`, () => {
      const runs = fakeBlocks(count).map((run) => ({ ...run, block: null }))
      const gate = judge(runs, { design: 'unpaired', criteria: parseGate('only,cpu') })
      assert.deepEqual([gate.verdict, gate.criteria[0]!.remark], [verdict, remark])
    })

  it('says in how many of enough blocks a metric counts, if in too few', () => {
    const runs = fakeBlocks(6)
    const remark = (request = {}) =>
      judge(runs, { criteria: parseGate('only,cpu'), ...request }).criteria[0]!.remark!
    const afterFour = remark({ looks: lookSchedule([4, 24]).slice(0, 1), maxBlocks: 24 })
    for (const { summary, block } of runs) if (block! < 2) summary!.machine.cpuMsPerDelivered = null
    for (const each of [afterFour, remark()])
      assert.match(each, /^machine\.cpuMsPerDelivered counts in 4 of 6 blocks: 5 blocks are the/)
  })

  it('does not judge unpaired results that lack a usable run of one build', () => {
    for (const side of [0, 1]) {
      const runs = fakeBlocks(8, (_, variant) => (variant === side ? { lostRunners: [0] } : {}))
      const gate = judge(
        runs.map((run) => ({ ...run, block: null })),
        { design: 'unpaired', criteria: parseGate('only,stability,delivery') }
      )
      assert.deepEqual([gate.verdict, criterion(gate, 'delivery').verdict], ['undecided', 'undecided'])
    }
  })

  it('does not pass builds that have valid runs, but never in the same block', () => {
    const runs = fakeBlocks(14, (block, variant) =>
      (variant === 0) === block > 0 ? { failures: ['No'] } : {}
    )
    const gate = judge(runs)
    assert.deepEqual([gate.verdict, criterion(gate, 'stability').verdict], ['undecided', 'holds'])
    assert.match(criterion(gate, 'delivery').remark!, /^no block was valid in both builds/)
  })

  const recoveries: { baseline: number; candidate: number; verdict: string; remark: RegExp | null }[] = [
    { baseline: 12, candidate: 12, verdict: 'holds', remark: null },
    { baseline: 11, candidate: 11, verdict: 'holds', remark: null },
    { baseline: 11, candidate: 4, verdict: 'undecided', remark: /^unknown in some runs: outages/ },
    { baseline: 11, candidate: 0, verdict: 'undecided', remark: /^unknown in some runs: outages/ },
    { baseline: 0, candidate: 0, verdict: 'not judged', remark: null }
  ]
  for (const { baseline, candidate, verdict, remark } of recoveries)
    it(`of 12 unpaired runs, ${baseline} and ${candidate} report a metric: ${verdict}`, () => {
      const criteria = parseGate('only,outages.recovery.p95:20%')
      criteria[0]!.components[0]!.valueOf = ({ testId }) => {
        const [, block, variant] = /block-(\d+)-build-(\d)/.exec(testId)!
        return Number(block) < (variant === '0' ? baseline : candidate) ? 1000 : null
      }
      const runs = fakeBlocks(12).map((run) => ({ ...run, block: null }))
      const result = criterion(judge(runs, { design: 'unpaired', criteria }), 'outages.recovery.p95')
      assert.equal(result.verdict, verdict)
      if (remark) assert.match(result.remark!, remark)
    })

  for (const design of ['paired', 'unpaired'] as const)
    for (const [lost, verdict] of [
      [3, 'pass'],
      [8, 'worse']
    ] as const)
      it(`of 60 ${design} attempts, only the candidate loses ${lost}, within the margin: ${verdict}`, () => {
        const runs = fakeBlocks(
          60,
          ofCandidate((block) => (block < lost ? { failures: ['No peer connects'] } : {}))
        ).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
        const gate = judge(runs, { design, criteria: parseGate('only,stability') })
        assert.ok(gate.stability!.limit! < gate.criteria[0]!.margin)
        assert.equal(gate.verdict, verdict)
      })

  it('counts for neither build what only the machine can cause, paired or not', () => {
    for (const design of ['paired', 'unpaired'] as const) {
      const runs = fakeBlocks(
        8,
        ofCandidate((block) => (block < 4 ? { lostRunners: [0] } : {}))
      )
      const gate = judge(
        runs.map((run) => ({ ...run, block: design === 'paired' ? run.block : null })),
        { design, criteria: parseGate('only,stability') }
      )
      const { trials, estimate } = gate.stability!
      assert.deepEqual([gate.verdict, trials, estimate], ['undecided', 4, 0], design)
    }
  })

  it('calls no candidate worse that lost one attempt, and whose machine ten', () => {
    const runs = fakeBlocks(
      20,
      ofCandidate((block) => (block < 10 ? { lostRunners: [0] } : block === 10 ? { parts: 2 } : {}))
    )
    const gate = judge(runs, { criteria: parseGate('only,stability:40%') })
    assert.deepEqual([gate.verdict, criterion(gate, 'stability').worseP], ['undecided', 1])
  })

  it('calls a candidate worse whose runners are lost with their peers', () => {
    const killed = () => 4
    const runs = fakeBlocks(
      8,
      ofCandidate((block) => (block < 7 ? { lostRunners: [0], killed } : {}))
    )
    assert.deepEqual(worse(judge(runs)), ['stability'])
  })
})
