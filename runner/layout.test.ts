import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { flagsOf, layOut, layoutLines, settingsThatFit, type MeshPlan } from './layout'

const plan = (peers: number, rest: Partial<MeshPlan> = {}): MeshPlan => ({
  ...{ peers, mesh: 'usual', messageTypes: 'faithful' },
  ...rest
})

describe('a layout', () => {
  const cases: [
    says: string,
    wanted: MeshPlan,
    count: number,
    cores: number,
    obstacle: RegExp | undefined
  ][] = [
    ['fits a full mesh of 100 on ten machines', plan(100, { mesh: 'full' }), 10, 16, undefined],
    ['needs more than a thread for faithful messages to 100', plan(100), 10, 16, /more than .* one thread/],
    ['is refused for several layers', plan(200), 10, 16, /holds 100 peers/],
    ['says how many machines would do', plan(100, { mesh: 'full' }), 10, 2, /carries \d+ such.*25 machines/],
    ['fits half a core', plan(6), 2, 0.5, undefined],
    ['needs some of a core', plan(6), 2, 0.01, /60% of 0\.01/]
  ]
  for (const [says, wanted, count, cores, obstacle] of cases)
    it(says, () => {
      const found = layOut(wanted, { count, cores }).obstacle
      if (obstacle === undefined) assert.equal(found, undefined)
      else assert.match(found ?? 'none', obstacle)
    })

  it('carries more on a faster machine', () => {
    const busy = (speed: number) => layOut(plan(12), { count: 1, cores: 2 }, speed).busyCores
    assert.ok(Math.abs(busy(1) / busy(2) - 2) < 1e-9)
  })

  it('keeps the connections of a tab below Chromium’s limit', () => {
    assert.equal(layOut(plan(100, { mesh: 'full' }), { count: 10, cores: 16 }, 9).peersPerTab, 4)
    assert.equal(layOut(plan(100), { count: 10, cores: 16 }, 99).peersPerTab, 9)
  })

  it('takes the memory that was measured: 540 MB for 8 peers in a tab, 1.1 GB in eight', () => {
    const memory = (speed: number) => layOut(plan(8), { count: 1, cores: 100 }, speed).memory
    for (const [speed, tabs, measured] of [
      [1, 1, 540e6],
      [0.06, 8, 1.1e9]
    ] as const) {
      const { peersPerTab } = layOut(plan(8), { count: 1, cores: 100 }, speed)
      assert.equal(Math.ceil(8 / peersPerTab), tabs)
      assert.ok(Math.abs(memory(speed) / measured - 1) < 0.1, `${memory(speed)} in ${tabs}`)
    }
  })
})

describe('settings that fit', () => {
  it('are the wanted ones, if those fit', () => {
    const [first, ...others] = settingsThatFit(plan(12), { count: 2, cores: 2 })
    assert.equal(flagsOf(first!.layout), '--peers 12 --peers-per-tab 6')
    assert.equal(others.length, 0)
  })

  it('are others, if those do not, in as large meshes as possible', () => {
    const [first] = settingsThatFit(plan(100), { count: 10, cores: 16 })
    assert.equal(flagsOf(first!.layout), '--peers 100 --peers-per-tab 2 --mesh full')
    assert.equal(first!.tests, 1)
  })

  it('put no more peers into a tab than it holds', () => {
    const fitting = settingsThatFit(plan(100, { tabHolds: 1 }), { count: 10, cores: 16 })
    assert.deepEqual(new Set(fitting.map(({ layout }) => layout.peersPerTab)), new Set([1]))
  })

  for (const mesh of ['usual', 'full'] as const)
    it(`are named once, if the wanted mesh is ${mesh}`, () => {
      const wanted = plan(200, { mesh, messageTypes: 'deduplicated' })
      const fitting = settingsThatFit(wanted, { count: 100, cores: 16 }).map(({ layout }) => flagsOf(layout))
      assert.equal(fitting.length, 3)
      assert.equal(new Set(fitting).size, 3, fitting.join('; '))
    })

  it('are several tests, if one would have several layers', () => {
    const [first] = settingsThatFit(plan(1000, { mesh: 'full' }), { count: 100, cores: 16 })
    assert.deepEqual([first!.tests, first!.layout.peers, first!.layout.machines.count], [10, 100, 10])
  })

  it('are no tests that do not fit on the machine with the most of them', () => {
    // Three tests: one machine carries two.
    for (const { tests, layout } of settingsThatFit(plan(30), { count: 2, cores: 2 }))
      assert.ok(Math.ceil(tests / 2) * layout.busyCores <= 0.6 * 2, `${tests} of ${layout.busyCores} cores`)
  })

  it('are no tests that together take more of a machine’s network than it has', () => {
    for (const { tests, layout } of settingsThatFit(plan(101), { count: 1, cores: 1000 })) {
      assert.ok(tests * layout.network <= 125e6, `${tests} of ${layout.network} bytes a second`)
      assert.match(layoutLines(layout)[0]!, /on 1 machine of 1000 cores, shared by \d+ such tests$/)
    }
  })

  it('are none, if the machines are too small', () =>
    assert.deepEqual(settingsThatFit(plan(10_000), { count: 1, cores: 1 }), []))
})
