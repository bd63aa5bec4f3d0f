import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { it } from 'node:test'
import { fakeInflux } from '../testing/fake-influx'
import { InfluxWriter } from './writer'

const pointOf = (peer: string) => ({
  ...{ measurement: 'peer_metrics', tags: { peer }, fields: { sent: 1 }, timestamp: 1 }
})

it('writes as a user who may not create the database, once somebody has', async (t) => {
  let missing = 3
  const isMissing = (_body: string, response: ServerResponse) => {
    if (missing-- <= 0) return false
    response.writeHead(404).end('{"error":"database not found: \\"comms\\""}')
    return true
  }
  const { influx, lines } = await fakeInflux(t, isMissing, (response) =>
    response.writeHead(403).end('{"error":"error authorizing query: u … requires admin privilege"}')
  )
  const warnings: string[] = []
  await new InfluxWriter(influx, (warning) => warnings.push(warning)).write([pointOf('p')])
  assert.equal(lines.size, 1)
  assert.equal(warnings.length, 3, warnings.join('\n'))
  assert.match(warnings[0]!, /Can't create the database comms: do so if missing \(status 403/)
  assert.match(warnings[1]!, /does not accept data.*database not found/)
  assert.match(warnings[2]!, /accepts data/)
})

const TOO_MANY: [string, (response: ServerResponse) => void][] = [
  ['is too slow for all of them', () => undefined],
  ['calls all of them too large', (response) => response.writeHead(413).end()]
]
for (const [what, answer] of TOO_MANY)
  it(`writes fewer points at once to a database that ${what}`, async (t) => {
    const { influx, lines } = await fakeInflux(t, (body, response) => {
      if (!body.includes('\n')) return false
      answer(response)
      return true
    })
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    t.mock.method(AbortSignal, 'timeout', () => timeout(100))
    const points = ['p', 'q', 'r'].map(pointOf)
    const writer = new InfluxWriter(influx, () => undefined)
    await writer.write(points)
    assert.equal(lines.size, 3)
    assert.deepEqual([writer.status.written, writer.status.dropped], [3, 0])
  })
