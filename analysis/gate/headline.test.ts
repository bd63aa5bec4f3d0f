import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import { fakeBlocks } from '../testing/fake-runs'
import { criterion, judge, withCandidate, withPackets, worse } from '../testing/judged'
import { parseGate } from './criteria'
import { gateHeadline } from './headline'
import { lookSchedule } from './looks'
import { gateRemarks, gateRows } from './sentences'

describe('The words of the gate', () => {
  it('call a change worse only if it is beyond the margin', () => {
    const random = seededRandom(6)
    const cpu = (change: number, spread: number) =>
      judge(
        withCandidate(fakeBlocks(12), (summary) => {
          summary.machine.cpuMsPerDelivered! *= change * Math.exp(spread * random.normal())
        }),
        { criteria: parseGate('only,cpu:5%') }
      )
    const slightly = cpu(1.042, 0.02)
    assert.equal(slightly.verdict, 'undecided')
    assert.match(
      gateRemarks(slightly)[0]!,
      /^CPU: slightly worse: machine\.cpuMsPerDelivered \+[34][.\d]* ?%, not shown to exceed the margin of 5 ?%\.$/
    )
    const far = cpu(1.08, 0.01)
    assert.equal(far.verdict, 'worse')
    assert.match(gateHeadline(far), /^worse in CPU: per delivered message \+[78][.\d]* ?%, margin 5 ?%$/)
  })

  it('quote the first uncaught error of each build', () => {
    const gate = judge(
      withCandidate(fakeBlocks(9), (summary) => {
        summary.errors = { uncaught: 21, first: 'Error: planted\n    at receive' }
      })
    )
    assert.match(gateHeadline(gate), /^worse in errors: uncaught \+21, margin 0\.5/)
    assert.deepEqual(gateRemarks(gate), [`errors: the candidate's first uncaught error is "Error: planted"`])
  })

  const errors: [says: string, blocks: number, change: (block: number) => number, remark: RegExp | null][] = [
    ['too few blocks without an error', 4, () => 0, /^too few runs: 5 blocks are the fewest$/],
    ['too few blocks with fewer errors', 4, () => -1, /^too few runs: 5 blocks are the fewest$/],
    [
      'fewer errors in total, but one more in most blocks',
      5,
      (block) => (block > 0 ? 1 : -9),
      /still possible/
    ],
    ['one error more', 9, (block) => (block > 0 ? 0 : 1), /^the candidate has more errors\.uncaught than/],
    ['one error less', 9, (block) => (block > 0 ? 0 : -1), null]
  ]
  for (const [says, blocks, change, remark] of errors)
    it(`say that there are more errors only where there are: ${says}`, () => {
      const runs = fakeBlocks(blocks)
      for (const { summary } of runs) summary!.errors.uncaught = 9
      withCandidate(runs, (summary, block) => (summary.errors.uncaught! += change(block)))
      const found = criterion(judge(runs, { criteria: parseGate('only,errors') }), 'errors').remark
      if (remark) assert.match(found ?? '', remark)
      else assert.equal(found, null)
    })

  it('name what got better', () => {
    const gate = judge(withPackets(fakeBlocks(9), 0.93))
    assert.match(gateHeadline(gate), /^pass.*; better in traffic, −7 ?%$/)
  })

  it('say what no run reports, and what only some do', () => {
    const unknown = fakeBlocks(9)
    for (const { summary } of unknown) summary!.machine.cpuMsPerDelivered = null
    assert.match(
      gateHeadline(judge(unknown)),
      /^pass \(6 of 7 criteria\); not judged: CPU, part of latency, part of connecting \(unknown in these runs\)$/
    )
    const told = gateRows(judge(unknown)).map(({ criterion: name, p }) => `${name} ${p}`)
    assert.ok(told.includes('CPU –') && told.includes('traffic > 0.05'), told.join())
    const still = fakeBlocks(9)
    for (const { summary } of still) summary!.delivery.position = null
    const row = gateRows(judge(still)).find(({ criterion: name, p }) => name === 'delivery' && p !== '')!
    assert.deepEqual([row.metric, row.p], ['delivery.profile', '> 0.05'])
    const half = withCandidate(fakeBlocks(9), (summary) => (summary.machine.cpuMsPerDelivered = null))
    assert.equal(judge(half).verdict, 'undecided')
    assert.match(gateRemarks(judge(half))[0]!, /^CPU: unknown in some runs/)
  })

  it('say what no build reaches', () => {
    const never = fakeBlocks(9)
    for (const { summary } of never) summary!.latencyOwed.position!.p99 = null
    assert.match(
      gateHeadline(judge(never)),
      /^pass; not judged: .*part of connecting \(unknown in these runs\), part of latency \(not reached in these runs\)$/
    )
    for (const { summary } of never) {
      const { position, profile, chat } = summary!.latencyOwed
      position!.p95 = profile!.p50 = profile!.p95 = chat!.p50 = null
    }
    assert.match(
      gateHeadline(judge(never, { criteria: parseGate('only,delivery,latency') })),
      /^pass \(1 of 2 criteria\); not judged: latency \(not reached in these runs\)$/
    )
  })

  it('say first what virtual time does not judge', () => {
    const simulated = fakeBlocks(9)
    for (const { summary } of simulated) {
      summary!.provenance.engine = 'simulation'
      summary!.machine.cpuMsPerDelivered = null
    }
    assert.match(
      gateHeadline(judge(simulated)),
      /^pass \(5 of 7 criteria\); not judged: latency, CPU \(virtual time\)/
    )
    const late = withCandidate(simulated, (summary) => (summary.latencyOwed.position!.p95! += 8))
    assert.deepEqual(worse(judge(late)), ['latency'])
  })

  it('show as × 1 a limit that is no change', () => {
    const gate = judge(
      withCandidate(fakeBlocks(9), ({ wire }, block) => {
        if (block > 3) wire.packetsPerMessage! *= 0.9
      })
    )
    assert.equal(criterion(gate, 'traffic').components[0]!.limit, 1)
  })

  it('show as a limit what the looks would have shown to hold', () => {
    const random = seededRandom(7)
    const runs = withCandidate(fakeBlocks(12), (summary) => {
      summary.machine.cpuMsPerDelivered! *= Math.exp(0.03 * random.normal())
    })
    const looks = lookSchedule([24]).slice(0, 5)
    const limitOf = (margin: number) =>
      judge(runs, { looks, maxBlocks: 24, criteria: parseGate(`only,cpu:${margin}`) }).criteria[0]!
    const limit = (limitOf(1).components[0]!.limit as number) - 1
    assert.equal(limitOf(limit + 0.0001).verdict, 'holds')
    assert.equal(limitOf(limit - 0.0001).verdict, 'undecided')
  })
})
