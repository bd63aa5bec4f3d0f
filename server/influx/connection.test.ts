import assert from 'node:assert/strict'
import dns from 'node:dns'
import { it } from 'node:test'
import type { TestSettings } from '../store/records'
import { fakeInflux } from '../testing/fake-influx'
import { samplePoint } from '../testing/sample-data'
import { InfluxConnection } from './connection'
import { peerFields, pointsOf } from './fields'

it('writes a point as a line', async (t) => {
  const { influx, lines } = await fakeInflux(t)
  const tags = { test: 'a b', peer: 'p' }
  const fields = { sent: 1.5, group: 'the "first"' }
  await new InfluxConnection(influx).write([
    { measurement: 'peer_metrics', tags, fields, timestamp: 1_700_000_000_000_001 }
  ])
  const line = String.raw`peer_metrics,test=a\ b,peer=p sent=1.5,group="the \"first\"" 1700000000000001`
  assert.deepEqual([...lines], [line])
})

it('says why a name with several addresses, such as localhost, does not answer', async (t) => {
  const addresses = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 }
  ]
  t.mock.method(dns, 'lookup', (_name: string, _options: object, done: (...of: unknown[]) => void) =>
    done(null, addresses)
  )
  const connection = new InfluxConnection({ url: 'http://localhost:1023', database: 'comms' })
  await assert.rejects(connection.createDatabase(), /ECONNREFUSED/)
})

it('names metrics as docs/influxdb.md does', () => {
  const fields = peerFields(samplePoint('p', 1))
  assert.deepEqual(fields, {
    ...fields,
    ...{ chat_duplicates: 1, chat_late: 1, wire_sent_bytes: 24_000, hops_direct: 70, hops_relayed: 13 },
    ...{ connected_peers: 4, known_peers_count: 9, connections_open: 4, connections_created: 6 },
    ...{ links_silent: 1, links_buffered: 700, links_datagrams_sent: 300, links_datagrams_received: 290 },
    ...{ send_errors: 0, tick_lateness_p95: 2.1, clock_offset: -3.25, clock_error: 0.4 },
    ...{ position_x: 1, position_y: 1.6, position_z: 37.25, average_latency: 12.5, group: 'blue' },
    ...{ links_round_trip_p50: 2.993, links_round_trip_p95: 5.459, links_round_trip_max: 5.459 }
  })
})

it('writes the start of a test at the time when the routines start', () => {
  const settings = { id: 't', labels: {} } as TestSettings
  const [point] = pointsOf({ started: { startedAt: 1, startsAt: 5_000 }, at: 1 }, settings)
  assert.equal(point?.timestamp, 5_000_000)
})
