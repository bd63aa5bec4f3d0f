/**
 * Servers whose files can no longer grow. Every call takes full effect or none, and the server finishes tests
 * once there is room.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ResultsClient } from '../protocol/api-client'
import { publishedAddress } from './store/results-folder'
import { until } from './testing/databases'
import { keysOf, readDocument } from './testing/documents'
import { journalOf } from './testing/files'
import { samplePoint } from './testing/sample-data'
import { temporaryFolder } from './testing/temporary-folder'
import { spawnServer, type ServerProcess } from './testing/test-server'

/** Limits the size of files, in bytes. The soft limit can be raised again without root; Node gets EFBIG. */
const limit = ({ process }: ServerProcess, bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

const clientOf = ({ url }: ServerProcess) => new ResultsClient({ url, retries: 0 })

/** With so few points, the document is larger than the journal because of its summary. */
async function fillToTheEnd(server: ServerProcess, folder: string, settings: object): Promise<ResultsClient> {
  const client = clientOf(server)
  await client.createTest('full', { started: true, ...settings })
  await client.submitPoints('full', [samplePoint('p', 0), samplePoint('p', 1)])
  limit(server, statSync(journalOf(folder, 'full')!).size + 300)
  return client
}

describe('a full disk', () => {
  it('is no reason not to start: what is there can be read', async (t) => {
    const folder = temporaryFolder()
    const earlier = await spawnServer(t, folder)
    await clientOf(earlier).createTest('one')
    earlier.process.kill('SIGTERM')
    await earlier.ended
    const server = await spawnServer(t, folder, {}, ['prlimit', '--fsize=0:'])
    assert.notEqual(server.url, '', server.log())
    assert.equal((await clientOf(server).getTest('one')).state, 'created')
    assert.equal(publishedAddress(folder), undefined)
  })

  it('creates and starts a test, or does neither', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    const client = clientOf(server)
    await client.createTest('one')
    // Leaves room for the first record but not for the second.
    limit(server, statSync(journalOf(folder, 'one')!).size + 20)
    await assert.rejects(client.createTest('two', { started: true }), { code: 'disk-full' })
    await assert.rejects(client.getTest('two'), { status: 404 })
    assert.equal(journalOf(folder, 'two'), undefined)
    limit(server, 'unlimited')
    assert.equal((await client.createTest('two', { started: true })).state, 'running')
  })

  it('delays the results file: the server writes it by itself once there is room', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    const client = await fillToTheEnd(server, folder, {})
    for (const attempt of ['first', 'again'])
      await assert.rejects(
        client.finishTest('full'),
        {
          status: 507,
          code: 'disk-full',
          message: /^Test full is finished; its results file is written when there is room/
        },
        attempt
      )
    assert.match(server.log(), /EFBIG/)
    assert.equal((await client.getTest('full')).state, 'finished')
    assert.equal(existsSync(join(folder, 'full.json')), false)
    // Existing data stays readable, and reading takes no disk space.
    assert.equal((await client.getDocument('full')).dataPoints.length, 2)
    limit(server, 'unlimited')
    await until(() => existsSync(join(folder, 'full.json')), 'the results file is written')
    assert.equal(keysOf(readDocument(folder, 'full')).size, 2)
  })

  it('says that nothing was stored if not even the end of the test fits', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    const client = await fillToTheEnd(server, folder, {})
    limit(server, statSync(journalOf(folder, 'full')!).size)
    await assert.rejects(client.finishTest('full'), { status: 507, message: /nothing was stored/ })
    assert.equal((await client.getTest('full')).state, 'running')
  })

  it('does not half-finish an overdue test: the server tries again', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    const client = await fillToTheEnd(server, folder, { duration: 6 })
    await until(() => /finishing .*failed/.test(server.log()), 'the server tries to finish it')
    assert.equal((await client.getTest('full')).state, 'finished')
    assert.equal(existsSync(join(folder, 'full.json')), false)
    limit(server, 'unlimited')
    await until(() => existsSync(join(folder, 'full.json')), 'the results file is written')
  })

  it('does not call a finished test damaged after a restart, and can delete it', async (t) => {
    const folder = temporaryFolder()
    const first = await spawnServer(t, folder)
    const bytes = async () => {
      await assert.rejects((await fillToTheEnd(first, folder, {})).finishTest('full'), { code: 'disk-full' })
      return statSync(journalOf(folder, 'full')!).size
    }
    const size = await bytes()
    first.process.kill('SIGKILL')
    await first.ended
    const second = await spawnServer(t, folder, {}, ['prlimit', `--fsize=${size + 100}:`])
    const client = clientOf(second)
    assert.equal((await client.getTest('full')).state, 'finished')
    assert.equal((await client.status()).tests.corrupt, 0)
    await client.deleteTest('full')
    await assert.rejects(client.getTest('full'), { status: 404 })
    assert.equal(journalOf(folder, 'full'), undefined)
    assert.deepEqual(await client.listTests(), [])
    await client.createTest('full')
  })
})
