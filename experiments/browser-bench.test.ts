import assert from 'node:assert/strict'
import { it } from 'node:test'
import { executeTogether } from './browser-bench'
import { schedule, type Plan } from './plan'
import { SAMPLE_PLAN } from './testing/sample-plan'

const PLAN: Plan = { ...SAMPLE_PLAN, setting: { ...SAMPLE_PLAN.setting, sideBySide: true } }

for (const failing of [0, 1])
  it(`no run waits for one that could not begin: ${failing}`, { timeout: 120_000 }, async () => {
    let waited = false
    const work = executeTogether(PLAN, schedule(PLAN), async ({ variant }, id, barrier) => {
      if (variant === failing) throw new Error('the disk is full')
      await barrier!.arrive()
      waited = true
      return { testId: id, summary: null, failures: [] }
    })
    await assert.rejects(work, /the disk is full/)
    assert.equal(waited, true)
  })
