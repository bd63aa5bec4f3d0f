/** Acknowledged data survives whatever happens. Tests whole servers and kills them. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ResultsClient } from '../protocol/api-client'
import { Clock } from './clock'
import { keysOf, readDocument } from './testing/documents'
import { sampleResults, samplePoint, sampleRunner } from './testing/sample-data'
import { until } from './testing/databases'
import { temporaryFolder } from './testing/temporary-folder'
import { journalOf } from './testing/files'
import { serve, spawnServer, type ServerProcess } from './testing/test-server'

describe('a restart', () => {
  it('continues running tests: sequences, peers, runners, numbers', async (t) => {
    const first = await serve(t)
    await first.client.createTest('on', { duration: 60, expectedPeers: 1, labels: { library: 'layers' } })
    const { firstPeerNumber } = await first.client.submitRunnerSample(
      'on',
      'r1',
      sampleRunner(0, { peers: { wanted: 7, ready: 0, done: 0 } })
    )
    await first.client.peerReady('on', 'p')
    await first.client.submitPoint('on', 'p', { sent: 1 })
    const now = Date.now()
    await first.client.submitPeerResults('on', 'p', sampleResults(0, now, now))
    const before = await first.client.getTest('on')
    await first.close()
    const { client } = await serve(t, { folder: first.folder })
    const after = await client.getTest('on')
    assert.equal(firstPeerNumber, 0)
    assert.deepEqual({ ...after, runners: [] }, { ...before, runners: [] })
    assert.equal(after.runners[0]?.lost, false, 'nobody could hear it while the server was away')
    assert.equal((await client.submitRunnerSample('on', 'r2', sampleRunner(0))).firstPeerNumber, 7)
    assert.equal((await client.submitRunnerSample('on', 'r1', sampleRunner(1))).firstPeerNumber, 0)
    await client.submitPoint('on', 'p', { sent: 2 })
    await client.submitPoint('on', 'p', { sequence: 0, sent: 1 })
    const { dataPoints, peerResults } = await client.getDocument('on')
    assert.deepEqual(
      dataPoints.map(({ sequence }) => sequence),
      [0, 1]
    )
    assert.deepEqual(Object.keys(peerResults), ['p'])
  })

  it('cuts off a torn last line, and serves the rest', async (t) => {
    const first = await serve(t)
    await first.client.createTest('torn', { started: true })
    await first.client.submitPoints('torn', [samplePoint('p', 0), samplePoint('p', 1)])
    await first.close()
    const journal = journalOf(first.folder, 'torn')!
    const whole = readFileSync(journal)
    for (const tail of ['{"points":[{"peerId":"p","seq', '\0'.repeat(300), '\0'.repeat(300) + '\n']) {
      writeFileSync(journal, Buffer.concat([whole, Buffer.from(tail)]))
      const next = await serve(t, { folder: first.folder })
      assert.equal((await next.client.getTest('torn')).dataPointCount, 2)
      await next.close()
      assert.deepEqual(readFileSync(journal), whole)
    }
  })

  it('answers 500 for a test whose file is damaged, and serves the others', async (t) => {
    const first = await serve(t)
    for (const id of ['whole', 'cut', 'scrambled', 'headless']) {
      await first.client.createTest(id, { started: true })
      await first.client.submitPoints(id, [samplePoint('p', 0), samplePoint('p', 1)])
      if (id !== 'headless') await first.client.finishTest(id)
    }
    await first.close()
    const path = (name: string) => join(first.folder, name)
    writeFileSync(path('cut.json'), readFileSync(path('cut.json')).subarray(0, 900))
    writeFileSync(path('scrambled.json'), `x${readFileSync(path('scrambled.json'), 'utf8')}`)
    const journal = journalOf(first.folder, 'headless')!
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"seed":', '"sead":'))
    const { client } = await serve(t, { folder: first.folder })
    for (const id of ['cut', 'scrambled', 'headless'])
      await assert.rejects(client.getTest(id), { status: 500, code: 'test-corrupt' }, id)
    assert.equal((await client.getDocument('whole')).dataPoints.length, 2)
    assert.equal((await client.status()).tests.corrupt, 3)
    await assert.rejects(client.createTest('cut'), { status: 409 })
  })

  it('keeps the clock moving forward if the wall clock is set back', async (t) => {
    const first = await serve(t, { clock: new Clock(() => 2e12 + performance.now()) })
    await first.client.createTest('clock', { started: true })
    await first.client.submitPoints('clock', [samplePoint('p', 0), samplePoint('q', 0)])
    await first.close()
    const { client } = await serve(t, {
      folder: first.folder,
      clock: new Clock(() => 1.9e12 + performance.now())
    })
    await client.submitPoints('clock', [samplePoint('p', 1), samplePoint('q', 1)])
    assert.ok((await client.time()).now >= 2e12)
    const times = (await client.getDocument('clock')).dataPoints.map(({ timestamp }) => timestamp)
    assert.deepEqual(
      times,
      [...new Set(times)].sort((a, b) => a - b),
      'ascending, none twice'
    )
  })
})

describe('the same batch three times', () => {
  it('counts once, even if all three are in flight at the same time', async (t) => {
    const { client } = await serve(t)
    await client.createTest('thrice', { started: true })
    const batch = Array.from({ length: 20 }, (_, sequence) => samplePoint('p', sequence))
    await Promise.all([1, 2, 3].map(() => client.submitPoints('thrice', batch)))
    await client.submitPoints('thrice', [...batch, samplePoint('p', 20)])
    assert.equal((await client.finishTest('thrice')).dataPointCount, 21)
    assert.equal((await client.getDocument('thrice')).dataPoints.length, 21)
    assert.equal((await client.status()).duplicates, 60)
  })
})

describe('a full disk', () => {
  it('refuses with 507, keeps what it has, and continues once there is room', async (t) => {
    const { folder, makeRoom } = await smallDisk(t)
    const server = await spawnServer(t, folder)
    await fillUp(server, folder, makeRoom)
  })

  it('does the same if a file may not grow any further', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    // Sets the soft limit, which can be raised again without root. Node ignores the signal and gets EFBIG.
    const limit = (size: string) =>
      execFileSync('prlimit', ['--pid', String(server.process.pid), `--fsize=${size}:`])
    limit('400000')
    await fillUp(
      server,
      folder,
      () => limit('unlimited'),
      () => limit('300000')
    )
  })
})

/** Fills the disk, which has room for some hundred data points. */
async function fillUp(
  { url }: ServerProcess,
  folder: string,
  makeRoom: () => unknown,
  tighten?: () => unknown
): Promise<void> {
  const client = new ResultsClient({ url, retries: 0 })
  await client.createTest('full', { started: true })
  const stored: number[] = []
  let refused = 0
  for (let sequence = 0; sequence < 300; sequence++)
    await client.submitPoints('full', [samplePoint('p', sequence)]).then(
      () => stored.push(sequence),
      (error: unknown) => {
        assert.equal((error as { code?: string }).code, 'disk-full')
        refused++
      }
    )
  assert.ok(stored.length > 0 && refused > 0, `${stored.length} stored, ${refused} refused`)
  assert.equal((await client.getTest('full')).dataPointCount, stored.length)
  // The document may be slightly smaller than the journal.
  tighten?.()
  await assert.rejects(client.finishTest('full'), { code: 'disk-full' })
  assert.equal(existsSync(join(folder, 'full.json')), false)
  makeRoom()
  await client.finishTest('full')
  assert.deepEqual(keysOf(readDocument(folder, 'full')), new Set(stored.map((sequence) => `p/${sequence}`)))
}

/**
 * A tmpfs of 4 MB with 400 kB free, in its own namespace, which needs no root (user_namespaces(7)). A process
 * keeps the namespace alive and makes the tmpfs visible from outside.
 */
async function smallDisk(t: TestContext): Promise<{ folder: string; makeRoom: () => void }> {
  const mountPoint = temporaryFolder()
  const mount = `mount -t tmpfs -o size=4m tmpfs '${mountPoint}' && echo mounted && exec sleep infinity`
  const holder = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', mount])
  t.after(() => holder.kill('SIGKILL'))
  let complaint = ''
  holder.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const ended = once(holder, 'close').then(() => {
    throw new Error(`This test needs user namespaces, or root: ${complaint}`)
  })
  await Promise.race([once(holder.stdout, 'data'), ended])
  const disk = `/proc/${holder.pid}/root${mountPoint}`
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(2 ** 22 - 400_000))
  return {
    folder: join(disk, 'results'),
    makeRoom: () => rmSync(ballast)
  }
}

describe('starting', () => {
  it('refuses a folder that another server uses, and takes over from a dead one', async (t) => {
    const folder = temporaryFolder()
    const first = await spawnServer(t, folder)
    const second = await spawnServer(t, folder)
    assert.equal(await second.ended, 1)
    assert.match(
      second.log(),
      /^Another results server \(process \d+ on .+\) uses the folder .*TEST_RESULTS_LOCATION.*\n$/
    )
    first.process.kill('SIGKILL')
    await first.ended
    assert.notEqual((await spawnServer(t, folder)).url, '')
  })

  it('names what is wrong in one line, and ends with 1', async (t) => {
    const taken = await serve(t)
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const ROWS: [Record<string, string>, RegExp][] = [
      [{ TEST_RESULTS_LOCATION: file }, /^Can't write to the results folder .*TEST_RESULTS_LOCATION.*\n$/],
      [
        { TEST_RESULTS_LOCATION: '/proc/x' },
        /^Can't write to the results folder .*TEST_RESULTS_LOCATION.*\n$/
      ],
      [{ HOST: '0.0.0.0' }, /^HOST 0\.0\.0\.0 .*RESULTS_SERVER_TOKEN.*\n$/],
      [{ HOST: '192.0.2.1', RESULTS_SERVER_TOKEN: 'x'.repeat(20) }, /^HOST=192\.0\.2\.1 is not .*\n$/],
      [{ ALLOWED_HOSTS: 'lab,http://x.example/' }, /^.*ALLOWED_HOSTS.* "http:\/\/x\.example\/" .*\n$/],
      [{ ALLOWED_ORIGINS: '*' }, /^.*ALLOWED_ORIGINS.* "\*" .*\n$/],
      [{ DURABILITY: 'maybe' }, /DURABILITY.*fsync, write/],
      [{ INFLUX_URL: 'nonsense' }, /INFLUX_URL.*http:\/\/localhost:8086/],
      [{ STATS_SERVER_URL: 'nonsense' }, /INFLUX_URL.*http:\/\/localhost:8086/]
    ]
    for (const [variables, message] of ROWS) {
      const server = await spawnServer(t, temporaryFolder(), variables)
      assert.equal(await server.ended, 1)
      assert.match(server.log(), message)
    }
    await assert.rejects(serve(t, { port: taken.port }), /in use: choose another/)
  })

  it('treats an empty variable as unset, and a relative folder as relative to the working directory', async (t) => {
    const home = temporaryFolder()
    const ROWS: [string, string][] = [
      ['', join(home, 'peer-performance-tests')],
      [relative('.', join(home, 'near')), join(home, 'near')]
    ]
    for (const [value, folder] of ROWS) {
      const server = await spawnServer(t, value, { HOME: home })
      await new ResultsClient({ url: server.url }).createTest('here')
      assert.ok(journalOf(folder, 'here') !== undefined, folder)
    }
  })

  it('says that it does not use credentials for an InfluxDB without an address', async (t) => {
    const { log, process: child } = await spawnServer(t, temporaryFolder(), { INFLUX_TOKEN: 'secret' })
    child.kill()
    await once(child, 'close')
    assert.match(log(), /nothing is relayed to InfluxDB: .* set INFLUX_URL/)
    assert.doesNotMatch(log(), /secret/)
  })

  it('ends on SIGTERM with 0 and everything acknowledged, even with open streams', async (t) => {
    const folder = temporaryFolder()
    const server = await spawnServer(t, folder)
    const client = new ResultsClient({ url: server.url, retries: 0 })
    await client.createTest('term', { started: true })
    await client.submitPoints('term', [samplePoint('p', 0)])
    const stream = fetch(`${server.url}/test/term/events`)
      .then((response) => response.text())
      .catch(() => undefined)
    const waiting = new AbortController()
    const poll = client.waitForTest('term', 'finished', waiting.signal).catch(() => undefined)
    await until(async () => (await client.status()).eventStreams === 1, 'the stream is open')
    server.process.kill('SIGTERM')
    assert.equal(await server.ended, 0)
    // Otherwise the client would wait a minute for the server to come back.
    waiting.abort()
    await Promise.all([stream, poll])
    const next = await spawnServer(t, folder)
    assert.equal((await new ResultsClient({ url: next.url }).getTest('term')).dataPointCount, 1)
  })
})

describe('a test that nobody finishes', () => {
  it('is finished by the server once its time is over and its runners are lost', async (t) => {
    const { client } = await serve(t, { runnerSilenceMs: 300, overdueMs: 500 })
    await client.createTest('left', { duration: 0.2, warmup: 0, started: true })
    await client.submitRunnerSample('left', 'gone', sampleRunner(0))
    await client.submitPoint('left', 'p', { sent: 1 })
    const state = await client.waitForTest('left', 'finished')
    assert.deepEqual(
      state.runners.map(({ id, lost }) => [id, lost]),
      [['gone', true]]
    )
    assert.equal((await client.getDocument('left')).dataPoints.length, 1)
  })
})
