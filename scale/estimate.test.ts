import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { estimate, type TestPlan } from './estimate'

const PLAN: TestPlan = {
  peers: 1_000,
  group: 20,
  messageTypes: 'deduplicated',
  mesh: 'usual',
  duration: 180,
  interval: 2
}

describe('an estimate', () => {
  it('grows with the peers, except for what depends on the group alone', () => {
    const [small, large] = [estimate(PLAN), estimate({ ...PLAN, peers: 10_000 })]
    assert.equal(large.cores, small.cores)
    assert.equal(large.peersPerContainer, small.peersPerContainer)
    assert.ok(Math.abs(large.containers! / small.containers! - 10) < 0.2)
    for (const key of ['totalCores', 'dataPointsPerSecond', 'influxFieldsPerSecond', 'diskBytes'] as const) {
      assert.ok(Math.abs(large[key] / small[key] - 10) < 1e-9, key)
    }
  })

  it('lists the first limit first', () => {
    const [first, ...others] = estimate({ ...PLAN, peers: 10_000 }).limits
    assert.equal(first?.name, 'the Lighthouse')
    for (const { needs, takes } of others) assert.ok(needs / takes <= first.needs / first.takes)
  })

  it('says that a large group in the usual mesh fits nowhere', () => {
    const { containers, limits } = estimate({ ...PLAN, group: 100, messageTypes: 'faithful' })
    assert.equal(containers, undefined)
    assert.equal(limits[0]?.name, 'a peer’s thread')
  })

  it('counts on larger machines, but not on threads that do more than others', () => {
    const small = estimate(PLAN)
    assert.ok(estimate({ ...PLAN, containerCores: 16 }).peersPerContainer! >= 8 * small.peersPerContainer!)
    const slow = estimate({ ...PLAN, group: 100, messageTypes: 'faithful', containerCores: 64 })
    assert.equal(slow.containers, undefined)
  })

  it('needs no more groups than peers', () => {
    assert.equal(estimate({ ...PLAN, peers: 2 }).packets, estimate({ ...PLAN, peers: 2, group: 2 }).packets)
  })
})
