import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { allowedCores } from '../runner/machine/host'
import { KernelFiles } from '../runner/machine/kernel-files'
import { processTree } from '../runner/machine/process-tree'
import { startClients, startTestLab, type TestLab } from './support/lab'
import { browserProcess, until } from './support/processes'

const FILES = new KernelFiles()

describe('a browser on its own core', () => {
  let lab: TestLab
  before(async () => {
    lab = await startTestLab()
  })
  after(() => lab.close())

  it('stays on it with all its processes, and its peers hear each other', async () => {
    const core = allowedCores(FILES)!.at(-1)!
    await lab.client.createTest('pinned', { expectedPeers: 3, duration: 4, warmup: 1 })
    const variables = { PEERS_COUNT: '3', PEERS_PER_TAB: '3', BROWSER_CORE: String(core) }
    const run = startClients(lab, 'pinned', variables)
    await until('data', async () => (await lab.client.getTest('pinned')).dataPointCount > 0)
    const processes = processTree(browserProcess(process.pid), FILES)
    assert.ok(processes.length > 3, String(processes))
    for (const pid of processes)
      assert.match(
        FILES.read(`/proc/${pid}/status`) ?? '',
        new RegExp(`^Cpus_allowed_list:\\s*${core}$`, 'm')
      )
    assert.deepEqual(await run.failures, [], run.output.join('\n'))

    const { summary } = await lab.client.finishTest('pinned')
    const { delivery, received, provenance } = summary!
    assert.ok(delivery.position! > 0.99 && received.position > 100, JSON.stringify(received))
    assert.equal(provenance.runners[0]!.ownCore, true)
    assert.equal(provenance.runners[0]!.cores, 1)
  })

  it('is refused in one line if the machine has no such core', async () => {
    await lab.client.createTest('nowhere')
    const run = startClients(lab, 'nowhere', { BROWSER_CORE: '4095' })
    const failures = await run.failures
    assert.equal(failures.length, 1)
    assert.match(failures[0]!, /^BROWSER_CORE is 4095, .*\bunset it$/)
  })
})
