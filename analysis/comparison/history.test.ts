import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeRun } from '../testing/fake-runs'
import { parseGate } from '../gate/criteria'
import { makeHistory, type HistoryRequest } from './history'
import type { Run } from './run'

const DELAYS = [1, 1.3, 1.3]

/** One run of each build in each block, with the delay of its build. */
const runsOf = (blocks: number): Run[] =>
  Array.from({ length: blocks }, (_, block) =>
    DELAYS.map((factor, variant) =>
      fakeRun(block, variant, {
        delay: (20 + block) * factor,
        library: { version: `1.0.${variant}` },
        ...(block === 0 && variant === 2 && { cpuUsage: 0.99 })
      })
    )
  ).flat()

const historyOf = (runs: readonly Run[], request: Partial<HistoryRequest> = {}) =>
  makeHistory({
    id: 'test',
    madeAt: 0,
    variants: ['peer@1.0.0', 'peer@1.0.1', 'peer@1.0.2'],
    runs,
    primary: 'latency.position.p95',
    secondary: ['delivery.position'],
    margin: 0.03,
    ...request
  })

describe('A history', () => {
  const history = historyOf(runsOf(8))
  const [latency] = history.metrics

  it('compares each build with the previous one and with the first', () => {
    const [first, second, third] = latency!.versions
    assert.equal(first!.step, null)
    assert.equal(second!.step!.verdict, 'worse')
    assert.equal(third!.step!.verdict, 'same')
    assert.ok(Math.abs(third!.sinceFirst!.estimate - 1.3) < 0.01)
  })

  it('judges each step by the gate', () => {
    const [first, second, third] = history.gates
    assert.equal(first, null)
    assert.equal(second!.verdict, 'worse')
    assert.deepEqual(
      second!.criteria.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name),
      ['latency']
    )
    assert.equal(third!.verdict, 'undecided')
  })

  it('passes no build while blocks are missing', () => {
    const criteria = { gate: parseGate('only,delivery') }
    for (const [incomplete, verdict] of [
      [null, 'pass'],
      ['It was stopped, 24 of 30 blocks.', 'undecided']
    ] as const) {
      const { gates, gatesSinceFirst, ...rest } = historyOf(runsOf(24), { ...criteria, incomplete })
      assert.deepEqual([gates[1]!.verdict, gatesSinceFirst[2]!.verdict], [verdict, verdict])
      assert.equal(rest.incomplete, incomplete)
    }
  })

  it('leaves out void runs, and names them', () => {
    assert.deepEqual(
      latency!.versions.map(({ values }) => values.length),
      [8, 8, 7]
    )
    assert.equal(latency!.versions[2]!.step!.runs.candidate, 7)
    assert.match(history.unused[0]!.reason, /^void: /)
  })

  it('takes one run of each build from a block that was repeated', () => {
    const again = runsOf(1).map((run) => ({ ...run, attempt: 2 }))
    again[0]!.summary!.latency.position!.p95 = 1000
    const [first] = historyOf([...runsOf(8), ...again]).metrics[0]!.versions
    assert.equal(first!.values.length, 8)
    assert.ok(first!.values.includes(1000))
  })

  it('counts the blocks in which every build ran, void or not', () => {
    assert.equal(history.blocks, 8)
    assert.equal(historyOf(runsOf(8).slice(0, -1)).blocks, 7)
  })

  it('reports how many blocks its steps need', () => {
    // Two steps of two metrics.
    assert.equal(history.blocksForSteps, 8)
    assert.equal(historyOf(runsOf(6)).metrics[0]!.versions[1]!.step!.verdict, 'inconclusive')
  })

  describe('of seven builds', () => {
    /** They vary in latency and CPU, and the last is 10 times slower in both. */
    const runs = Array.from({ length: 9 }, (_, block) =>
      Array.from({ length: 7 }, (_, variant) => {
        const factor = (variant === 6 ? 10 : 1) * (1 + ((block * 7 + variant * 5) % 9) / 100)
        const run = fakeRun(block, variant, { delay: 20 * factor, library: { version: `1.0.${variant}` } })
        run.summary!.machine.cpuMsPerDelivered = 5 * factor
        return run
      })
    ).flat()
    const variants = Array.from({ length: 7 }, (_, version) => `peer@1.0.${version}`)

    // 11 gates × 2 criteria that vary × 2⁻⁸ is above 5%.
    const CASES: [blocks: number, gate: string, blocksForGates: number, verdict: string][] = [
      [8, '', 9, 'undecided'],
      [9, '', 9, 'worse'],
      [8, 'only,latency', 8, 'worse']
    ]
    for (const [blocks, gate, blocksForGates, verdict] of CASES)
      it(`calls one worse from ${blocksForGates} blocks on: ${blocks}, gate "${gate}"`, () => {
        const slower = historyOf(
          runs.filter(({ block }) => block! < blocks),
          { variants, gate: parseGate(gate) }
        )
        assert.equal(slower.blocksForGates, blocksForGates)
        const last = [slower.gates, slower.gatesSinceFirst].map((gates) => gates[6]!.verdict)
        assert.deepEqual(last, [verdict, verdict])
      })
  })

  it('refuses unlike runs, and a build that changed in between', () => {
    const runs = runsOf(2)
    runs.at(-1)!.summary!.provenance.runners[0]!.browser = 'Chrome/157'
    assert.throws(() => historyOf(runs), /^ {2}browser: /m)
    const changed = runsOf(2)
    changed.at(-2)!.summary!.provenance.libraries[0]!.version = '1.0.9'
    assert.throws(() => historyOf(changed), /^ {2}library of build 2: /m)
  })
})
