import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { samplePoint, sampleRunner } from '../testing/sample-data'
import { Influxd, startVictoriaMetrics, until } from '../testing/databases'
import { journalOf } from '../testing/files'
import { serve } from '../testing/test-server'
import { peerFields, safeText } from './fields'

/** Every special character of line protocol. */
const HOSTILE = 'a,b=c "d"\\ e\nf\r\ng\0\\'

// The longest test mostly waits, so the others run at the same time.
describe('the relay to InfluxDB', { concurrency: true }, () => {
  it('creates the database and writes every metric under its documented name', async (t) => {
    const influxd = await Influxd.start(t)
    const { client, folder } = await serve(t, { influx: { url: influxd.url, database: 'comms' } })
    await client.createTest('full', { started: true, labels: { library: 'layers', routine: HOSTILE } })
    await client.submitRunnerSample('full', 'r1', sampleRunner(0))
    for (let sequence = 0; sequence < 5; sequence++)
      await client.submitPoints(
        'full',
        [0, 1, 2].map((peer) => samplePoint(`p${peer}`, sequence))
      )
    // Many points of one peer in one batch: no two may share a timestamp.
    await client.submitPoints(
      'full',
      Array.from({ length: 100 }, (_, index) => samplePoint('p0', 5 + index))
    )
    await client.submitPoint('full', 'odd', { sequence: 0, sent: 1, group: HOSTILE })
    await client.finishTest('full')
    await until(async () => (await influxd.count('full')) === 116, '116 points')

    // Each measurement is written by a request of its own.
    await until(async () => (await influxd.count('full', 'title', 'test_events')) === 3, '3 events')
    await until(async () => (await influxd.count('full', 'cpu_usage', 'runner_metrics')) === 1, '1 sample')
    const [row] = await influxd.query('comms', `SELECT * FROM peer_metrics WHERE peer = 'p1' LIMIT 1`)
    const expected = peerFields(samplePoint('p1', 0))
    for (const [field, value] of Object.entries(expected)) assert.equal(row?.[field], value, field)
    assert.equal(row?.library, 'layers')
    assert.equal(row.routine, safeText(HOSTILE))
    const [odd] = await influxd.query('comms', `SELECT * FROM peer_metrics WHERE peer = 'odd'`)
    assert.equal(odd?.group, safeText(HOSTILE))
    const { relay } = await client.status()
    assert.equal(relay?.dropped, 0)
    await until(() => journalOf(folder, 'full') === undefined, 'the journal is deleted once it is relayed')
  })

  it('writes the names of the original suite, too, on request', async (t) => {
    const influxd = await Influxd.start(t)
    const influx = { url: influxd.url, database: 'comms', names: 'original' as const }
    const { client } = await serve(t, { influx })
    await client.createTest('old', { started: true })
    await client.submitPoint('old', 'p', {
      ...{ sequence: 0, sent: 3, sentTotal: 9, sentPerSecond: 1.5, receivedBytes: 70 },
      ...{ position: [1, 2, 3], knownPeersCount: 4, averageLatency: 20 }
    })
    const rows = () => influxd.query('comms', `SELECT * FROM "test-old" WHERE peer = 'p'`)
    await until(async () => (await rows()).length === 1, 'the point')
    const [row] = await rows()
    assert.deepEqual(row, {
      time: row!.time,
      ...{ peer: 'p', sentCount: 3, sentTotal: 9, sentPerSecond: 1.5, receivedBytes: 70 },
      ...{ x: 1, y: 2, z: 3, knownPeers: 4, latency: 20 }
    })
    await until(async () => (await influxd.count('old')) === 1, 'and by the names of this suite')
  })

  it('leaves out a field that has another type in the database, and names it', async (t) => {
    const influxd = await Influxd.start(t)
    await fetch(`${influxd.url}/query?q=CREATE+DATABASE+comms`, { method: 'POST' })
    await fetch(`${influxd.url}/write?db=comms`, {
      method: 'POST',
      body: 'peer_metrics,test=old sent=1i,group=7'
    })
    const log: string[] = []
    const logger = pino({}, { write: (line) => log.push(line) })
    const { client } = await serve(t, { influx: { url: influxd.url, database: 'comms' }, logger })
    await client.createTest('clash', { started: true })
    await client.submitPoints('clash', [samplePoint('p', 0), samplePoint('p', 1)])
    await client.submitPoint('clash', 'old', { sequence: 0, sent: 1 })
    await until(async () => (await influxd.count('clash', 'received')) === 2, 'the other fields are there')
    for (const field of ['sent', 'group']) {
      assert.equal(await influxd.count('clash', field), 0)
      assert.ok(
        log.some((line) => line.includes(`peer_metrics.${field} has another type`)),
        field
      )
    }
    const dropped = async () => (await client.status()).relay?.dropped
    await until(async () => (await dropped()) === 1, 'a point of which nothing is left is counted')
  })

  it('waits for a server that accepts and never answers, without slowing clients', async (t) => {
    const silent = createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const sockets = new Set<import('node:net').Socket>()
    silent.on('connection', (socket) => sockets.add(socket))
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const { port } = silent.address() as AddressInfo
    const { client, folder } = await serve(t, {
      influx: { url: `http://127.0.0.1:${port}`, database: 'comms' }
    })
    await client.createTest('silent', { started: true })
    for (let sequence = 0; sequence < 100; sequence++)
      await client.submitPoints('silent', [samplePoint('p', sequence)])
    const { dataPointCount } = await client.finishTest('silent')
    assert.equal(dataPointCount, 100)
    assert.ok(journalOf(folder, 'silent') !== undefined, 'the journal waits for InfluxDB')
    await until(async () => (await client.status()).relay!.lagBytes > 0, 'the lag is told')
  })

  it('continues after a restart, even with a test that was finished in between', async (t) => {
    const influxd = await Influxd.start(t)
    const influx = { url: influxd.url, database: 'comms' }
    await influxd.stop()
    const first = await serve(t, { influx })
    await first.client.createTest('later', { started: true })
    await first.client.submitPoints(
      'later',
      [0, 1, 2].map((sequence) => samplePoint('p', sequence))
    )
    await first.client.finishTest('later')
    await first.close()
    await influxd.start()
    const second = await serve(t, { influx, folder: first.folder })
    await until(async () => (await influxd.count('later')) === 3, 'all points')
    await until(() => journalOf(second.folder, 'later') === undefined, 'the journal is deleted')
  })

  it('writes to another server that takes line protocol, VictoriaMetrics', async (t) => {
    const url = await startVictoriaMetrics(t)
    const { client } = await serve(t, { influx: { url, database: 'comms' } })
    await client.createTest('vm', { started: true })
    await client.submitPoints(
      'vm',
      Array.from({ length: 10 }, (_, sequence) => samplePoint('p', sequence))
    )
    await until(async () => ((await client.status()).relay?.written ?? 0) >= 11, 'written')
    const found = async () => {
      const match = '{__name__="peer_metrics_sent",test="vm"}'
      const answer = await fetch(
        `${url}/api/v1/export?${new URLSearchParams({ 'match[]': match }).toString()}`
      )
      const lines = (await answer.text()).split('\n').filter((line) => line !== '')
      return lines.reduce((sum, line) => sum + (JSON.parse(line) as { values: number[] }).values.length, 0)
    }
    // VictoriaMetrics has millisecond resolution. Of several points in one millisecond, it returns all or the
    // last.
    await until(async () => (await found()) > 0, 'found again')
  })

  it('writes every point although InfluxDB is away in the middle of a test', async (t) => {
    const influxd = await Influxd.start(t)
    const { client } = await serve(t, { influx: { url: influxd.url, database: 'comms' } })
    await client.createTest('gap', { started: true })
    let sent = 0
    const submitUntil = async (isOver: () => Promise<boolean>) => {
      while (!(await isOver())) {
        await client.submitPoints(
          'gap',
          [0, 1, 2, 3].map((peer) => samplePoint(`p${peer}`, sent))
        )
        sent++
        await sleep(20)
      }
    }
    const relay = async () => (await client.status()).relay!
    await submitUntil(async () => (await relay()).written >= 200)
    await influxd.stop()
    const { failures } = await relay()
    // Between failures it pauses for longer each time.
    await submitUntil(async () => (await relay()).failures >= failures + 3)
    await influxd.start()
    await submitUntil(async () => (await relay()).connected)
    await client.finishTest('gap')
    await until(async () => (await influxd.count('gap')) === 4 * sent, `${4 * sent} points`)
  })
})
