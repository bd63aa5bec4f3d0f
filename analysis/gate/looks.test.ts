import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from '../comparison/run'
import { seededRandom } from '../statistics/random'
import { fakeBlocks } from '../testing/fake-runs'
import { criterion, judge, withCandidate, withPackets } from '../testing/judged'
import { parseGate } from './criteria'
import type { GateRequest } from './gate'
import { chanceOfDecision, lookSchedule, mayHold } from './looks'
import { gateRemarks, sequentialSentence } from './sentences'

describe('A sequential gate', () => {
  it('looks after each block from the eighth on, and leaves some of its level for more blocks', () => {
    assert.deepEqual(
      lookSchedule([13]).map(({ blocks }) => blocks),
      [8, 9, 10, 11, 12, 13]
    )
    const spent = lookSchedule([24]).map((look) => look.spent)
    assert.deepEqual(
      spent,
      [...spent].sort((a, b) => a - b)
    )
    assert.equal(spent.at(-1), 0.9)
    assert.deepEqual(lookSchedule([24, 48]).slice(0, spent.length), lookSchedule([24]))
    assert.equal(lookSchedule([24, 48]).at(-1)!.spent.toFixed(4), '0.9300')
  })

  it('gives one reason for all criteria that lack it', () => {
    const [stability, others, ...more] = gateRemarks(judge(fakeBlocks(3, () => ({ cpuUsage: 0.99 }))))
    assert.match(stability!, /^stability: /)
    assert.match(others!, /^delivery, latency, .* and errors: no block was valid in both builds/)
    assert.deepEqual(more, [])
  })

  it('finds a clear change at its first look, and passes an equal build there', () => {
    const looks = lookSchedule([24]).slice(0, 1)
    assert.equal(judge(withPackets(fakeBlocks(8), 1.025), { looks, maxBlocks: 24 }).verdict, 'worse')
    assert.equal(judge(fakeBlocks(8), { looks, maxBlocks: 24 }).verdict, 'pass')
  })

  it('says that it was stopped before its first look', () => {
    const gate = judge(fakeBlocks(2), { looks: [], maxBlocks: 24 })
    assert.equal(gate.verdict, 'undecided')
    for (const name of ['cpu', 'stability'])
      assert.match(criterion(gate, name).remark!, /^too few blocks for the first look/)
    assert.equal(
      sequentialSentence(gate),
      'Not judged yet: the gate looks at the runs for the first time after 8 of at most 24 blocks.'
    )
    const looks = lookSchedule([24]).slice(0, 1)
    assert.match(
      sequentialSentence(judge(fakeBlocks(8), { looks, maxBlocks: 24 }))!,
      /^Judged after 8 of at most 24 blocks, at look 1\. /
    )
    assert.equal(sequentialSentence(judge(fakeBlocks(8))), null)
  })

  it('says whether more blocks can show all to hold', () => {
    const lacking = withCandidate(fakeBlocks(8), ({ connection }, block) => {
      if (block === 0) connection.first = null
    })
    const looks = lookSchedule([24]).slice(0, 1)
    const may = (gate: string, runs: Run[], more: Partial<GateRequest> = {}) =>
      mayHold({ criteria: parseGate(`only,${gate}`), runs, design: 'paired', ...more })
    assert.equal(may('traffic', fakeBlocks(8), { sharedCores: true }), true)
    assert.equal(may('traffic,latency', fakeBlocks(8), { sharedCores: true }), false, 'one slows the other')
    assert.equal(may('connecting', lacking), true, 'they begin anew')
    assert.equal(may('connecting', lacking, { looks }), false, 'that block stays')
    assert.equal(may('traffic', lacking, { looks }), true)
    const never = fakeBlocks(8, () => ({ loss: 0.7 }))
    assert.equal(may('latencyOwed.position.p95', never), false, 'there is nothing to judge')
    assert.equal(may('latencyOwed.position.p95,traffic', never), true)
  })

  it('stops when further blocks are hopeless', () => {
    const request = (runs: Run[]): GateRequest => ({
      criteria: parseGate('only,latency:1%'),
      runs,
      design: 'paired',
      looks: lookSchedule([12]).slice(0, 1)
    })
    const random = seededRandom(5)
    const noisy = fakeBlocks(8, () => ({ delay: 20 * Math.exp(0.3 * random.normal()) }))
    assert.ok(chanceOfDecision(request(noisy), 12) < 0.1)
    assert.ok(chanceOfDecision(request(fakeBlocks(8)), 12) > 0.9)
  })
})
