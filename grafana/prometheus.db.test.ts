/**
 * Debian's Prometheus scrapes a results server with the files of this folder. Every query of the dashboard
 * must return values, and the alert must fire.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import type { ResultsClient } from '../protocol/api-client'
import { Prometheus, until } from '../server/testing/databases'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { serve } from '../server/testing/test-server'
import { dashboardsOn, queryOf } from './testing/dashboards'

const RULES = 'alerts.yml'

it('Prometheus scrapes the server, the dashboard finds values, the alert fires', async (t) => {
  const tokens = { controlToken: 'control', submitToken: 'submit', readToken: 'look' }
  const { client, url } = await serve(t, { ...tokens, runnerSilenceMs: 4_000 })
  await client.createTest('watched', { started: true, labels: { build: 'layers', routine: 'stand' } })
  const prometheus = await Prometheus.start(t, configure(new URL(url).host))
  const targets = async () => (await prometheus.get('targets?state=active')).activeTargets
  await until(async () => JSON.stringify(await targets()).includes('"health":"up"'), 'a scrape')

  const sent = await submitUntil(client, async () => (await prometheus.query('ALERTS')).length > 0)
  const alert = (await prometheus.query('ALERTS'))[0]!.metric
  assert.deepEqual([alert.alertname, alert.alertstate, alert.test], ['RunnerLost', 'firing', 'watched'])

  const total = async (query: string) => Number((await prometheus.query(query))[0]?.value[1])
  const delivered = 'sum(catalyst_peer_messages_delivered_total{test="watched"})'
  await until(async () => (await total(delivered)) === sent.delivered, `${sent.delivered} messages`)
  assert.equal(await total('sum(catalyst_peer_message_latency_seconds_count)'), sent.delivered)
  assert.equal(await total('catalyst_peer_data_points_total'), sent.points)
  assert.equal(await total('count({peer=~".+"})'), NaN, 'no label names a peer')

  const [{ dashboard }] = dashboardsOn('prometheus') as [ReturnType<typeof dashboardsOn>[number]]
  for (const { title, targets } of dashboard.panels)
    for (const target of targets) {
      const query = queryOf(target).replaceAll('$test', 'watched').replaceAll('$__rate_interval', '1m')
      assert.ok((await prometheus.query(query)).length > 0, `${title}: ${query}`)
    }
})

/** Changes the address, the token and the intervals. Returns the configuration's path. */
function configure(host: string): string {
  const folder = temporaryFolder()
  cpSync(join(__dirname, 'prometheus'), folder, { recursive: true })
  execFileSync('promtool', ['check', 'rules', join(folder, RULES)])
  const path = join(folder, 'prometheus.yml')
  const changed = readFileSync(path, 'utf8')
    .replaceAll('15s', '1s')
    .replace('localhost:9904', host)
    .replace('# authorization: { credentials_file: read-token }', 'authorization: { credentials: look }')
  writeFileSync(path, changed)
  execFileSync('promtool', ['check', 'config', path])
  return path
}

/** Submits one runner's sample, and peers' points until `isOver`. Returns what it submitted. */
async function submitUntil(client: ResultsClient, isOver: () => Promise<boolean>) {
  const { dataPoints, runnerSamples } = fakeDocument({ peers: 3, duration: 20, interval: 2 })
  const sample = runnerSamples[0]!
  await client.submitRunnerSample('watched', sample.runnerId, { ...sample, state: 'running' })
  const sent = { points: 0, delivered: 0 }
  while (!(await isOver())) {
    const { metrics } = dataPoints[sent.points % dataPoints.length]!
    await client.submitPoints('watched', [{ peerId: 'p', sequence: sent.points, ...metrics }])
    sent.points++
    for (const { received } of Object.values(metrics.messages!)) sent.delivered += received
  }
  return sent
}
