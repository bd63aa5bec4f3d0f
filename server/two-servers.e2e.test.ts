/** Several servers want the same folder: only one gets it. Tests whole servers in their own processes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { ResultsClient } from '../protocol/api-client'
import { temporaryFolder } from './testing/temporary-folder'
import { spawnServer } from './testing/test-server'

const ROUNDS = Number(process.env.TWO_SERVERS_ROUNDS ?? 5)
/** Namespaces like those of two containers that share a volume. */
const NAMESPACE = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
const REFUSED = /^Another results server \(process \d+ on \S+ since \S+\) uses the folder [^\n]+\n$/

const clientOf = (url: string) => new ResultsClient({ url, retries: 0 })

describe('two servers', () => {
  it(`that start together after kill -9: one runs, with everything acknowledged (${ROUNDS} rounds)`, async (t) => {
    const folder = temporaryFolder()
    let server = await spawnServer(t, folder)
    await clientOf(server.url).createTest('t', { started: true })
    for (let round = 0; round < ROUNDS; round++) {
      await clientOf(server.url).submitPoint('t', 'p', { sent: 1 })
      server.process.kill('SIGKILL')
      await server.ended
      const started = await Promise.all([spawnServer(t, folder), spawnServer(t, folder)])
      const up = started.filter(({ url }) => url !== '')
      assert.equal(up.length, 1, started.map(({ log }) => log()).join(''))
      assert.match(started.find(({ url }) => url === '')!.log(), /^Another results server [^\n]+\n$/)
      server = up[0]!
      assert.equal((await clientOf(server.url).getTest('t')).dataPointCount, round + 1)
    }
  })

  it('in two process namespaces: the second refuses, and starts as soon as the first is killed', async (t) => {
    const folder = temporaryFolder()
    const first = await spawnServer(t, folder, {}, NAMESPACE)
    await clientOf(first.url).createTest('t', { started: true })
    await clientOf(first.url).submitPoint('t', 'p', { sent: 1 })
    const refused = await spawnServer(t, folder, {}, NAMESPACE)
    assert.equal(refused.url, '')
    assert.match(refused.log(), REFUSED)
    // The server's own end closes its output; first.ended is that of unshare.
    const closed = once(first.process, 'close')
    first.process.kill('SIGKILL')
    await closed
    const second = await spawnServer(t, folder, {}, NAMESPACE)
    assert.equal((await clientOf(second.url).getTest('t')).dataPointCount, 1)
  })

  it('of which the first is suspended: it keeps the folder until it is killed', async (t) => {
    const folder = temporaryFolder()
    const suspended = await spawnServer(t, folder)
    await clientOf(suspended.url).createTest('t', { started: true })
    suspended.process.kill('SIGSTOP')
    const second = await spawnServer(t, folder)
    assert.match(second.log(), REFUSED)
    assert.equal(await second.ended, 1)
    suspended.process.kill('SIGCONT')
    await clientOf(suspended.url).submitPoint('t', 'p', { sent: 1 })
    suspended.process.kill('SIGSTOP')
    suspended.process.kill('SIGKILL')
    await suspended.ended
    const third = await spawnServer(t, folder)
    assert.equal((await clientOf(third.url).getTest('t')).dataPointCount, 1)
  })
})
