import assert from 'node:assert/strict'
import dns from 'node:dns'
import { it } from 'node:test'
import { fakeInflux } from '../testing/fake-influx'
import { InfluxConnection } from './connection'

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
