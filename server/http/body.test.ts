/** Hostile bodies are refused with the field at fault, and large bodies delay nobody else. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { send, type Sent } from '../testing/raw-request'
import { samplePoint, sampleResults } from '../testing/sample-data'
import { startServer, type Served } from '../testing/test-server'

/** One server for all: each start of its workers costs a second. */
let server: Served
before(async () => {
  server = await startServer()
  await server.client.createTest('run', { started: true })
})
after(() => server.close())

describe('bodies', () => {
  const point = { peerId: 'p', sequence: 0 }
  const REFUSED: [string, Omit<Sent, 'path'>, number, string, string?][] = [
    ['2 MB', { body: `[${'1'.repeat(2e6)}]` }, 413, 'body-too-large'],
    [
      '2 MB in a small gzip',
      { body: gzipSync('1'.repeat(2e6)), headers: { 'content-encoding': 'gzip' } },
      413,
      'body-too-large'
    ],
    ['no gzip at all', { body: 'abc', headers: { 'content-encoding': 'gzip' } }, 400, 'bad-request'],
    ['an unknown encoding', { body: 'abc', headers: { 'content-encoding': 'zip' } }, 415, 'unknown-encoding'],
    ['nested 200,000 deep', { body: '['.repeat(2e5) + ']'.repeat(2e5) }, 400, 'bad-body'],
    [
      '4 MB nested, in 4 kB',
      { body: gzipSync('['.repeat(5e5) + ']'.repeat(5e5)), headers: { 'content-encoding': 'gzip' } },
      400,
      'bad-body'
    ],
    ['nested 17 deep', { body: '['.repeat(17) + ']'.repeat(17) }, 400, 'bad-body'],
    ['malformed', { body: '[{"peerId":' }, 400, 'bad-json'],
    ['NaN', { body: '[{"peerId":"p","sequence":0,"sent":NaN}]' }, 400, 'bad-json'],
    [
      'text in Latin-1',
      { body: Buffer.from('[{"peerId":"p","sequence":0,"group":"caf\xe9"}]', 'latin1') },
      400,
      'bad-json'
    ],
    ['empty', { body: '' }, 400, 'bad-body'],
    [
      'of a form',
      {
        body: 'a=b',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:1' }
      },
      415,
      'not-json'
    ],
    ['text', { body: '[]', headers: { 'content-type': 'text/plain' } }, 415, 'not-json'],
    ['no array', { body: '{}' }, 400, 'bad-body'],
    ['an empty batch', { body: '[]' }, 400, 'bad-body'],
    ['1,001 points', { body: JSON.stringify(Array(1001).fill(point)) }, 400, 'bad-body'],
    ['1e999', { body: '[{"peerId":"p","sequence":0,"sent":1e999}]' }, 400, 'bad-body', '[0].sent'],
    ['a negative count', { body: JSON.stringify([{ ...point, sent: -1 }]) }, 400, 'bad-body', '[0].sent'],
    [
      'text for a number',
      { body: JSON.stringify([point, { ...point, sequence: '1' }]) },
      400,
      'bad-body',
      '[1].sequence'
    ],
    [
      'a bad peer id',
      { body: JSON.stringify([{ ...point, peerId: '../x' }]) },
      400,
      'bad-body',
      '[0].peerId'
    ],
    [
      'a fraction as a count',
      { body: JSON.stringify([{ ...point, sendErrors: 0.5 }]) },
      400,
      'bad-body',
      '[0].sendErrors'
    ],
    [
      'a long group',
      { body: JSON.stringify([{ ...point, group: 'x'.repeat(65) }]) },
      400,
      'bad-body',
      '[0].group'
    ]
  ]
  it('refuses bad batches, and stores nothing of them', async (t) => {
    for (const [name, sent, status, code, field] of REFUSED)
      await t.test(name, async () => {
        const answer = await send(server, { method: 'POST', path: '/test/run/metrics', ...sent })
        assert.equal(answer.status, status)
        assert.equal(answer.body.error, code)
        if (field !== undefined) assert.equal(answer.body.field, field)
        assert.equal((await server.client.getTest('run')).dataPointCount, 0)
      })
  })

  it('names where an empty one is described', async () => {
    const { body } = await send(server, { method: 'POST', path: '/test/run/metrics', body: '' })
    assert.match(body.message, /send JSON as \/openapi\.json describes it/)
  })

  it('drops fields that are not in the contract, and keeps the rest', async () => {
    const body = '[{"peerId":"p","sequence":0,"sent":1,"__proto__":{"x":1},"evil":"y","constructor":2}]'
    assert.equal((await send(server, { method: 'POST', path: '/test/run/metrics', body })).status, 200)
    const { dataPoints } = await server.client.getDocument('run')
    assert.deepEqual(
      dataPoints.map(({ metrics }) => metrics),
      [{ sent: 1 }]
    )
  })

  it('says of what is no gzip that the compressed body is malformed', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const { body } = await send(server, { method: 'POST', path: '/test', body: '{}', headers })
    assert.match(body.message, /compressed body/)
  })

  it('accepts gzip, and newlines between the fields', async () => {
    const body = gzipSync(JSON.stringify([samplePoint('zipped', 0)], null, 2))
    const headers = { 'content-encoding': 'gzip' }
    assert.equal(
      (await send(server, { method: 'POST', path: '/test/run/metrics', body, headers })).status,
      200
    )
    const { dataPoints } = await server.client.getDocument('run')
    assert.equal(dataPoints.filter(({ peerId }) => peerId === 'zipped').length, 1)
  })

  it('counts none that has been checked among those that it holds', async () => {
    const path = `${server.url}/test/run/metrics`
    const body = gzipSync(JSON.stringify([samplePoint('again', 0)]))
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' }
    // Each may become 1 MB; beyond 256 MB, this connection would be cut off for the oldest.
    for (let index = 0; index < 260; index++)
      await (await fetch(path, { method: 'POST', body, headers })).text()
  })

  it('names the threshold that it cannot read', async () => {
    const body = '{"thresholds":["delivery.position >= 0.99","nonsense"]}'
    const answer = await send(server, { method: 'POST', path: '/test', body })
    assert.equal(answer.status, 400)
    assert.equal(answer.body.field, 'thresholds[1]')
  })

  it('refuses more gaps in a sequence than it can remember', async () => {
    const odd = (first: number) =>
      Array.from({ length: 900 }, (_, i) => ({ peerId: 'gaps', sequence: 2 * (first + i) }))
    await server.client.submitPoints('run', odd(0))
    const { dataPointCount } = await server.client.getTest('run')
    await assert.rejects(server.client.submitPoints('run', odd(900)), { code: 'too-many-gaps' })
    assert.equal((await server.client.getTest('run')).dataPointCount, dataPointCount)
  })
})

describe('large bodies', () => {
  const nodes = (count: number, links: number) => {
    const ids = Array.from({ length: Math.max(count, links) }, (_, i) => `peer${i}`)
    return ids.slice(0, count).map((id) => ({ id, connectedPeers: ids.slice(0, links) }))
  }
  const heard = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`peer${i}`, [1, 2, 3, 4, 5, 6]]))
  const sample = sampleResults(1, 1e12, 2e12)
  const ROWS: [string, string, object, number][] = [
    ['a full mesh of 200 peers', 'topology', { at: 1, source: 'peers', nodes: nodes(200, 199) }, 200],
    ['5,000 peers', 'topology', { at: 1, source: 'peers', nodes: nodes(5_000, 7) }, 200],
    ['100,000 links', 'topology', { at: 1, source: 'peers', nodes: nodes(100, 1_000) }, 413],
    // 100 peers of loops:8,churn:2, for eight hours.
    ['final results with 24,000 peers heard', 'peer/p/results', { ...sample, heard: heard(24_000) }, 200],
    ['final results with 30,000 peers heard', 'peer/p/results', { ...sample, heard: heard(30_000) }, 413],
    [
      'the times of a day',
      'peer/p/results',
      {
        ...sample,
        messages: {
          ...sample.messages,
          position: { ...sample.messages.position, sentTimes: 'A'.repeat(1_200_000) }
        }
      },
      200
    ]
  ]
  it('answers by their complexity', async (t) => {
    for (const [what, path, body, status] of ROWS)
      await t.test(`${what}: ${status}`, async () => {
        const sent = { method: 'PUT', path: `/test/run/${path}`, body: JSON.stringify(body) }
        const answer = await send(server, sent)
        assert.equal(answer.status, status)
        if (status === 413) assert.equal(answer.body.error, 'body-too-complex')
      })
  })
})
