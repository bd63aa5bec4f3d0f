import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Summary } from '../../protocol/summary'
import { fakeBlocks } from '../testing/fake-runs'
import { judge, withCandidate } from '../testing/judged'
import { parseGate } from './criteria'
import { gateHeadline } from './headline'
import type { Gate } from './result'
import { gateRows } from './sentences'

const RARELY =
  /^a few runs are so much worse that the mean is beyond the margin \(.*\): look at them, or run more blocks$/

describe('The mean', () => {
  const rarely: { does: string; name: string; spoil: (summary: Summary) => void; limit: number }[] = [
    {
      does: 'loses half of the positions',
      name: 'delivery',
      spoil: (summary) => (summary.delivery.position! -= 0.5),
      limit: -0.5 / 8
    },
    {
      does: 'takes four times the CPU',
      name: 'cpu',
      spoil: (summary) => (summary.machine.cpuMsPerDelivered! *= 4),
      limit: 4 ** (1 / 8)
    }
  ]
  for (const { does, name, spoil, limit } of rarely)
    for (const design of ['paired', 'unpaired'] as const)
      it(`does not pass a candidate that ${does} in 3 of 24 ${design} runs`, () => {
        const runs = withCandidate(fakeBlocks(24), (summary, block) => {
          if (block % 8 === 7) spoil(summary)
        }).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
        const gate = judge(runs, { design, criteria: parseGate(`only,${name}`) })
        assert.equal(gate.verdict, 'undecided')
        const { components, remark } = gate.criteria[0]!
        assert.ok(Math.abs((components[0]!.limit as number) - limit) < 1e-6, String(components[0]!.limit))
        assert.match(remark!, RARELY)
      })

  for (const design of ['paired', 'unpaired'] as const)
    it(`does not pass a candidate that is late in 3 of 24 ${design} runs, as the baseline never arrives in one`, () => {
      const runs = withCandidate(
        fakeBlocks(24, () => ({ delay: 20 })),
        (summary, block) => {
          if (block % 8 === 7) summary.latencyOwed.position!.p95! *= 10
        }
      ).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
      runs[0]!.summary!.latencyOwed.position!.p95 = null
      const criteria = parseGate('only,latencyOwed.position.p95:10%')
      const gate = judge(runs, { design, criteria })
      assert.equal(gate.verdict, 'undecided')
      assert.match(gate.criteria[0]!.remark!, RARELY)
    })
})

it('gives no limit beyond a margin that sets of tied runs have shown to hold', () => {
  const criteria = parseGate('only,delivery')
  criteria[0]!.components.length = 1
  criteria[0]!.components[0]!.valueOf = ({ testId }) => (/-([23]-build-0|3-build-1)/.test(testId) ? 0.99 : 1)
  const runs = fakeBlocks(4).map((run) => ({ ...run, block: null }))
  const { verdict, criteria: found } = judge(runs, { criteria, design: 'unpaired' })
  assert.deepEqual([verdict, found[0]!.components[0]!.limit], ['pass', -0.005])
})

describe('What is never reached', () => {
  const reaching: { design: 'paired' | 'unpaired'; runs: [number, number]; of: number; expected: string }[] =
    [
      { design: 'paired', runs: [0, 0], of: 8, expected: 'undecided: not judged, –, limit –' },
      { design: 'unpaired', runs: [0, 0], of: 8, expected: 'undecided: undecided, –, limit –' },
      { design: 'paired', runs: [3, 2], of: 8, expected: 'undecided: undecided, –, limit –' },
      { design: 'unpaired', runs: [3, 2], of: 8, expected: 'undecided: undecided, –, limit –' },
      { design: 'paired', runs: [0, 8], of: 16, expected: 'undecided: not judged, –, limit –' },
      { design: 'paired', runs: [8, 0], of: 16, expected: 'worse: worse, never, limit never' }
    ]
  for (const { design, runs: reached, of, expected } of reaching) {
    it(`says of a percentile that ${reached.join(' and ')} of ${of} ${design} runs reach: ${expected}`, () => {
      const criteria = parseGate('only,latency')
      criteria[0]!.components.length = 1
      criteria[0]!.components[0]!.valueOf = ({ testId }) => {
        const [block, variant] = testId.match(/\d+/g)!.map(Number)
        return block! < reached[variant!]! ? 20 : Infinity
      }
      const runs = fakeBlocks(of).map((run) => ({ ...run, block: design === 'paired' ? run.block : null }))
      const gate = judge(runs, { criteria, design })
      const { baseline, candidate, result, change, limit } = gateRows(gate)[0]!
      assert.deepEqual([baseline, candidate], ['not reached', 'not reached'])
      assert.equal(`${gate.verdict}: ${result}, ${change}, limit ${limit}`, expected)
      assert.doesNotMatch(gateHeadline(gate), /better/)
    })
  }

  /** Of a candidate that is better in one metric of latency: what the gate's table says of it. */
  function betterRow(blocks: number, valueOf: (testId: string) => number) {
    const criteria = parseGate('only,latency')
    criteria[0]!.components.length = 1
    criteria[0]!.components[0]!.valueOf = ({ testId }) => valueOf(testId)
    const gate = judge(fakeBlocks(blocks), { criteria })
    assert.match(gateHeadline(gate), /; better in latency$/)
    const { baseline, candidate, result, change, limit } = gateRows(gate)[0]!
    return [baseline, candidate, result, change, limit]
  }

  it('gives no factor for what only the candidate reaches, but calls it better', () => {
    const row = betterRow(8, (testId) => (testId.includes('build-1') ? 24 : Infinity))
    assert.deepEqual(row, ['not reached', '24 ms', 'better', '–', '–'])
  })

  it('gives no factor for what the baseline does not reach in 6 of 16 blocks, but a limit', () => {
    const row = betterRow(16, (testId) => {
      const [block, variant] = testId.match(/\d+/g)!.map(Number)
      if (variant === 0) return block! < 6 ? Infinity : 20
      return block === 15 ? 22 : 20
    })
    assert.deepEqual(row, ['20 ms', '20 ms', 'better', '–', '+0.96%'])
  })

  it('keeps lost messages in its JSON', () => {
    const runs = fakeBlocks(8)
    const criteria = parseGate('only,latency')
    criteria[0]!.components[0]!.valueOf = ({ testId }) => (testId.includes('build-1') ? Infinity : 20)
    const gate = judge(runs, { criteria })
    assert.equal(gate.verdict, 'worse')
    const [latency] = (JSON.parse(JSON.stringify(gate)) as Gate).criteria
    assert.equal(latency!.components[0]!.candidate, 'never')
  })
})
