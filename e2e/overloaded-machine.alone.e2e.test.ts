import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { startClients, startTestLab, type TestLab } from './support/lab'
import { until } from './support/processes'

const PEERS = 4

describe('an overloaded machine', () => {
  let lab: TestLab
  before(async () => {
    lab = await startTestLab()
  })
  after(() => lab.close())

  it('makes the test void, and says why', async () => {
    await lab.client.createTest('hogs', { expectedPeers: PEERS, duration: 6, warmup: 1 })
    const run = startClients(lab, 'hogs', { PEERS_COUNT: String(PEERS), PEERS_PER_TAB: '2' })
    // Connecting needs no load, and would only take longer.
    await until('the test runs', async () => (await lab.client.getTest('hogs')).state === 'running')
    const hogs = Array.from({ length: 3 * availableParallelism() }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'])
    )
    try {
      assert.deepEqual(await run.failures, [], run.output.join('\n'))
    } finally {
      for (const hog of hogs) hog.kill('SIGKILL')
    }
    const { summary } = await lab.client.finishTest('hogs')
    assert.equal(summary?.verdict, 'void')
    assert.ok(summary.reasons.some(({ rule }) => rule === 'cpu'))
    assert.match(summary.reasons.map(({ what }) => what).join(), /overloaded/)
  })
})
