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
        asked.filter(({ values }) => values === 0),
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
    assert.ok(asked.some(({ values }) => values === 0))
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
