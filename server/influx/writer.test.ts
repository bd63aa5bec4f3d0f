import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeInflux } from '../testing/fake-influx'
import { InfluxWriter } from './writer'

it('writes as a user who may not create the database', async (t) => {
  const { influx, lines } = await fakeInflux(t, undefined, (response) =>
    response.writeHead(403).end('{"error":"error authorizing query: u … requires admin privilege"}')
  )
  const warnings: string[] = []
  const point = { measurement: 'peer_metrics', tags: { peer: 'p' }, fields: { sent: 1 }, timestamp: 1 }
  await new InfluxWriter(influx, (warning) => warnings.push(warning)).write([point])
  assert.equal(lines.size, 1)
  assert.match(warnings[0]!, /could not be created, which is fine if it exists already/)
})
