import assert from 'node:assert/strict'
import { it } from 'node:test'
import { executeTogether } from './browser-bench'
import { schedule, type Plan } from './plan'

const PLAN: Plan = {
  ...{ id: 'x', command: 'compare', madeAt: 0, variants: ['layers', 'layers'], common: {}, seed: 1 },
  ...{ blocks: 1, primary: 'latency.position.p95', secondary: [], margin: null },
  setting: { peers: 3, peersPerTab: 3, duration: 8, warmup: 5, routine: 'stand', sideBySide: true }
}

for (const failing of [0, 1])
  it(`no run waits for one that could not begin: ${failing}`, { timeout: 120_000 }, async () => {
    let waited = false
    const work = executeTogether(PLAN, schedule(PLAN), async ({ place }, id, barrier) => {
      if (place === failing) throw new Error('the disk is full')
      await barrier!.arrive(id)
      waited = true
      return { testId: id, summary: null, failures: [] }
    })
    await assert.rejects(work, /the disk is full/)
    assert.equal(waited, true)
  })
