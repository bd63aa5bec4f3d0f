/**
 * Several servers want the same folder: at most one ever acknowledges. Tests whole servers in their own
 * processes and namespaces.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ResultsClient } from '../protocol/api-client'
import { temporaryFolder } from './testing/temporary-folder'
import { spawnServer } from './testing/test-server'

const ROUNDS = Number(process.env.TWO_SERVERS_ROUNDS ?? 10)
/** Namespaces like those of a container. */
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']

const clientOf = (url: string) => new ResultsClient({ url, retries: 0 })

describe('two servers', () => {
  it(`that start together after kill -9: one runs, with everything acknowledged (${ROUNDS} rounds)`, async (t) => {
    const folder = temporaryFolder()
    let server = await spawnServer(t, folder)
    await clientOf(server.url).createTest('t', { started: true })
    for (let round = 0; round < ROUNDS; round++) {
      await clientOf(server.url).submitPoint('t', 'p', { sent: 1 })
      server.process.kill('SIGKILL')
      // Starts the next servers before the old one has exited: a dying process must not count as alive.
      const started = await Promise.all([spawnServer(t, folder), spawnServer(t, folder)])
      const up = started.filter(({ url }) => url !== '')
      assert.equal(up.length, 1, started.map(({ log }) => log()).join(''))
      server = up[0]!
      assert.equal((await clientOf(server.url).getTest('t')).dataPointCount, round + 1)
    }
  })

  it('in two process namespaces: the second refuses, and takes over soon after the first is killed', async (t) => {
    const folder = temporaryFolder()
    const first = await spawnServer(t, folder, {}, NAMESPACE)
    await clientOf(first.url).createTest('t', { started: true })
    await clientOf(first.url).submitPoint('t', 'p', { sent: 1 })
    const refused = await spawnServer(t, folder, {}, NAMESPACE)
    assert.equal(refused.url, '')
    assert.match(refused.log(), /Another results server .* uses the folder/)
    first.process.kill('SIGKILL')
    const second = await spawnServer(t, folder, {}, NAMESPACE)
    assert.equal((await clientOf(second.url).getTest('t')).dataPointCount, 1)
  })

  it('of which the first was stopped: it acknowledges nothing further, and ends', async (t) => {
    const folder = temporaryFolder()
    const stopped = await spawnServer(t, folder)
    await clientOf(stopped.url).createTest('t', { started: true })
    stopped.process.kill('SIGSTOP')
    const late = clientOf(stopped.url)
      .submitPoint('t', 'p', { sent: 1 })
      .then(
        () => 'acknowledged',
        () => 'refused'
      )
    const second = await spawnServer(t, folder)
    assert.notEqual(second.url, '', second.log())
    const before = (await clientOf(second.url).getTest('t')).dataPointCount
    stopped.process.kill('SIGCONT')
    assert.equal(await late, 'refused')
    assert.equal(await stopped.ended, 1)
    const client = clientOf(second.url)
    await client.submitPoint('t', 'p', { sequence: 0, sent: 1 })
    assert.equal((await client.getTest('t')).dataPointCount, Math.max(before, 1))
    await client.finishTest('t')
    assert.equal((await client.getDocument('t')).dataPoints.length, Math.max(before, 1))
  })
})
