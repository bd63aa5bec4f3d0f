/**
 * Every query of every dashboard, with every choice of its variables, against a real InfluxDB filled by the
 * results server. InfluxDB answers a misspelt field with an empty result, not an error, so each query must
 * return values.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { ResultsClient } from '../protocol/api-client'
import { startResultsServer, type ResultsServer } from '../server/app'
import { Influxd, until } from '../server/testing/databases'
import { dashboardsOn } from './testing/dashboards'
import { askAll } from './testing/panel-queries'

const DATABASE = 'comms'
const TESTS = ['first', 'second']
const FROM = Date.now() - 60_000

describe('the queries of the dashboards', () => {
  let influxd: Influxd
  let server: ResultsServer
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grafana-queries-'))
    // Stopped below: a hook has no context of its own.
    influxd = await Influxd.start({ after: () => undefined })
    server = await startResultsServer({ folder, port: 0, influx: { url: influxd.url, database: DATABASE } })
    const client = new ResultsClient({ url: server.url })
    let points = 0
    for (const id of TESTS) points += await runTest(client, id)
    await untilRelayed(client, points)
  })
  after(async () => {
    await server.close()
    await influxd.stop()
    await rm(folder, { recursive: true })
  })

  for (const { file, dashboard } of dashboardsOn('influxdb')) {
    it(`${file}: each returns values`, async (t) => {
      const asked = await askAll(influxd.url, DATABASE, dashboard, { from: FROM, until: Date.now() + 60_000 })
      t.diagnostic(`${asked.length} queries`)
      assert.ok(asked.length > 10)
      assert.deepEqual(
        asked.filter(({ values }) => values.length === 0),
        []
      )
    })
  }

  it('notices a field that does not exist', async () => {
    const overview = JSON.stringify(
      dashboardsOn('influxdb').find(({ file }) => file === 'test-overview.json')!.dashboard
    )
    const misspelt = overview.replaceAll('position_received', 'positions_received')
    const asked = await askAll(influxd.url, DATABASE, JSON.parse(misspelt) as never, {
      from: FROM,
      until: Date.now() + 60_000
    })
    assert.ok(asked.some(({ values }) => values.length === 0))
  })
})

/** Ten seconds of two peers each, and ten in which nobody sends or hears anything. */
const PAIRS = [
  ['a', 'b', 'sent=10,position_received=10,position_duplicates=1,profile_received=0,chat_received=0'],
  ['c', 'd', 'sent=10,position_received=10,position_duplicates=1,profile_received=0,chat_received=0'],
  ['c', 'd', 'sent=0,position_received=0,position_duplicates=0,profile_received=0,chat_received=0']
] as const

describe('a ratio', () => {
  it('is not 0 or 1 where there was nothing, and its peers are those of the time', async (t) => {
    const influxd = await Influxd.start(t)
    const begin = Math.floor(FROM / 10_000) * 10_000
    const lines = PAIRS.flatMap(([one, other, fields], index) =>
      [one, other].map(
        (peer) =>
          `peer_metrics,test=t,peer=${peer} position_${fields},profile_sent=0,chat_sent=0,wire_received=20,links_datagrams_sent=0,links_datagrams_received=0 ${begin + index * 10_000}`
      )
    )
    await fetch(`${influxd.url}/query?q=CREATE+DATABASE+${DATABASE}`, { method: 'POST' })
    const url = `${influxd.url}/write?db=${DATABASE}&precision=ms`
    assert.equal((await fetch(url, { method: 'POST', body: lines.join('\n') })).status, 204)
    const RATIOS: Record<string, number[]> = {
      'Test overview / Delivery, whole test': [1],
      'Test overview / Delivery': [1, 1],
      'Test overview / Datagrams lost': [],
      'Test overview / Duplicates per position': [0.1],
      'Test overview / Packets per message received': [2, 2],
      'Compare two tests / Delivery': [1]
    }
    const range = { from: begin, until: begin + 60_000 }
    const dashboards = dashboardsOn('influxdb').filter(({ file }) => /overview|compare/.test(file))
    const asked = await Promise.all(
      dashboards.map(({ dashboard }) => askAll(influxd.url, DATABASE, dashboard, range))
    )
    for (const [panel, values] of Object.entries(RATIOS)) {
      const ofPanel = asked.flat().filter(({ what }) => what.startsWith(`${panel} / `))
      assert.ok(ofPanel.length > 0, panel)
      assert.deepEqual(
        ofPanel.flatMap((each) => each.values),
        values,
        panel
      )
    }
  })
})

/**
 * Runs a test of three peers on two runners, with every metric that a page sends. Returns how many points
 * InfluxDB must receive.
 */
async function runTest(client: ResultsClient, id: string): Promise<number> {
  await client.createTest(id, { started: true, labels: { library: 'layers', routine: 'stand' } })
  const { dataPoints, runnerSamples } = fakeDocument({ id, peers: 3, runners: 2, duration: 20, interval: 2 })
  for (const { runnerId, timestamp, ...sample } of runnerSamples) {
    assert.ok(timestamp > 0)
    await client.submitRunnerSample(id, runnerId, sample)
  }
  await client.submitPoints(
    id,
    dataPoints.map(({ peerId, sequence, metrics }) => ({
      peerId,
      sequence,
      sent: 10,
      received: 40,
      relevant: 30,
      duplicate: 2,
      expired: 1,
      ...metrics,
      knownPeersCount: 2,
      position: [1, 0, 2],
      hops: [20, 3]
    }))
  )
  await client.finishTest(id)
  const events = ['created', 'started', 'finished']
  return dataPoints.length + runnerSamples.length + events.length
}

async function untilRelayed(client: ResultsClient, points: number): Promise<void> {
  const written = async () => (await client.status()).relay?.written ?? 0
  await until(async () => (await written()) >= points, `InfluxDB has ${points} points`)
}
