/** What users of the suite that this one replaces do, line by line (docs/coming-from-the-original.md). */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { pino } from 'pino'
import { send } from './testing/raw-request'
import { temporaryFolder } from './testing/temporary-folder'
import { serve } from './testing/test-server'

/** As `curl -d` calls it. */
const CURL = { 'content-type': 'application/x-www-form-urlencoded' }
const STARTED = 1_600_000_000_000

it('A test is created, fed and finished by curl, and the finish answers the document', async (t) => {
  const server = await serve(t)
  const created = await send(server, {
    method: 'POST',
    path: '/test/mine',
    body: '{"started": true}',
    headers: CURL
  })
  assert.equal(created.status, 201)
  const { started } = created.body as { started?: unknown }
  assert.ok(Number.isInteger(started), 'whole ms')
  const metrics = '{"sent":3,"sentTotal":9,"position":[1,2,3],"knownPeersCount":1,"averageLatency":20}'
  await send(server, { method: 'PUT', path: '/test/mine/peer/a/metrics', body: metrics })
  const { body } = await send(server, { method: 'PUT', path: '/test/mine/finish?dataPoints=true' })
  const { dataPoints, finished } = body as { dataPoints?: { peerId: string }[]; finished?: unknown }
  assert.deepEqual([dataPoints?.map(({ peerId }) => peerId), body.started], [['a'], started])
  assert.ok(Number.isInteger(finished))
  const stored = JSON.parse(readFileSync(join(server.folder, 'mine.json'), 'utf8')) as unknown
  assert.deepEqual(stored, body)
})

it('Pages must still say that they send JSON', async (t) => {
  const server = await serve(t)
  const pages: Record<string, string>[] = [{ origin: server.url }, { 'sec-fetch-site': 'none' }]
  for (const page of pages)
    assert.equal(
      (await send(server, { method: 'POST', path: '/test/x', body: '{}', headers: { ...CURL, ...page } }))
        .status,
      415
    )
})

it('An old results file opens, and is never changed or deleted', async (t) => {
  const folder = folderWith({ old: oldFile(), holiday: '{"photos":[]}' })
  const before = readFileSync(join(folder, 'old.json'))
  for (const start of ['first', 'second']) {
    const server = await serve(t, { folder })
    const state = await server.client.getTest('old')
    assert.deepEqual(
      [state.state, state.started, state.finished, state.dataPointCount, state.peers.reporting],
      ['finished', STARTED, STARTED + 60_000, 60, 2],
      start
    )
    const { dataPoints } = await server.client.getDocument('old')
    const { metrics } = dataPoints.find(({ peerId, sequence }) => peerId === 'b' && sequence === 4)!
    assert.deepEqual(metrics, { sent: 10, sentTotal: 50, averageLatency: 12.5 })
    assert.equal((await server.client.getSummary('old')).verdict, 'void', 'it has no final results')
    await assert.rejects(server.client.deleteTest('old'), { status: 409, code: 'read-only' })
    await assert.rejects(server.client.createTest('old'), { status: 409 })
    await assert.rejects(server.client.getTest('holiday'), { status: 500 })
    await server.close()
  }
  assert.deepEqual(readFileSync(join(folder, 'old.json')), before)
  const copy = readFileSync(join(folder, '.results-server', 'originals', 'old.json'), 'utf8')
  assert.match(copy, /^{"id":"old","state":"finished","startsAt":.*,"createdAt":/, 'what matters comes first')
})

it('A renamed file of this suite is not taken for an old one, which would be void', async (t) => {
  const first = await serve(t)
  await first.client.createTest('mine', { started: true })
  await send(first, { method: 'PUT', path: '/test/mine/peer/a/metrics', body: '{"sent":3}' })
  await first.client.finishTest('mine')
  const folder = folderWith({ archived: readFileSync(join(first.folder, 'mine.json'), 'utf8') })
  const { client } = await serve(t, { folder })
  await assert.rejects(
    client.getTest('archived'),
    /archived.json is not the results document of a test archived/
  )
})

it('A changed old file is read again', async (t) => {
  const folder = folderWith({ old: oldFile() })
  await (await serve(t, { folder })).close()
  writeFileSync(join(folder, 'old.json'), oldFile(30))
  const server = await serve(t, { folder })
  assert.equal((await server.client.getTest('old')).dataPointCount, 30)
})

it('Old files whose names are no ids are named at the start, and nothing else is', async (t) => {
  const old = {
    'my old test': oldFile(),
    'release.1': oldFile(),
    Zürich: oldFile(),
    ['x'.repeat(65)]: oldFile()
  }
  const folder = folderWith({ ...old, right: oldFile(), 'machine.calibration': '[]' })
  mkdirSync(join(folder, 'a.folder.json'))
  mkdirSync(join(folder, '.results-server'))
  for (const own of ['right.0123456789abcdef.json.unfinished', 'relay.json'])
    writeFileSync(join(folder, '.results-server', own), '{}')
  const lines: string[] = []
  const { client } = await serve(t, { folder, logger: pino({}, { write: (line) => lines.push(line) }) })
  const said = lines.map((line) => JSON.parse(line) as { msg: string; files?: string[] })
  assert.deepEqual(
    said.map(({ files }) => files?.sort()),
    [
      Object.keys(old)
        .map((name) => `${name}.json`)
        .sort()
    ]
  )
  assert.match(said[0]!.msg, /rename .* letters, digits, _ and -$/)
  assert.deepEqual(
    (await client.listTests()).map(({ id }) => id),
    ['right']
  )
})

const DAMAGES: [string, (text: string) => string][] = [
  ['is cut off', (text) => text.slice(0, 300)],
  ['is empty', () => ''],
  ['begins with something else', (text) => `x${text}`]
]
for (const [how, damage] of DAMAGES)
  it(`The copy of an old file that ${how} is made again`, async (t) => {
    const folder = folderWith({ old: oldFile() })
    await (await serve(t, { folder })).close()
    const copy = join(folder, '.results-server', 'originals', 'old.json')
    const { mtime } = statSync(copy)
    writeFileSync(copy, damage(readFileSync(copy, 'utf8')))
    utimesSync(copy, mtime, mtime)
    const { client } = await serve(t, { folder })
    assert.equal((await client.getDocument('old')).dataPoints.length, 60)
  })

it('A page from disk can read why it was refused', async (t) => {
  const server = await serve(t)
  const answer = await fetch(`${server.url}/test/mine?dataPoints=true`, { headers: { origin: 'null' } })
  assert.equal(answer.status, 403)
  assert.equal(answer.headers.get('access-control-allow-origin'), 'null')
  const { message } = (await answer.json()) as { message: string }
  assert.equal(
    message,
    'Pages of files and sandboxed frames may not call: start the server with ALLOWED_ORIGINS=null'
  )
})

const REFUSED: [method: string, path: string, body: string | undefined, message: string][] = [
  ['GET', '/test/run?dataPoints=yes', undefined, 'dataPoints: must be "true" or "false"'],
  [
    'GET',
    '/test/run?waitfor=finished',
    undefined,
    'The query: unknown field "waitfor": did you mean "waitFor"?'
  ],
  ['GET', '/test?limit=x', undefined, 'limit: must be a number, not text'],
  ['POST', '/test', '[]', 'The body: must be an object, not a list'],
  [
    'POST',
    '/test',
    '{"expectedPeer":2}',
    'The body: unknown field "expectedPeer": did you mean "expectedPeers"?'
  ],
  ['POST', '/test', '{"expectedPeers":0}', 'expectedPeers: must be at least 1'],
  ['POST', '/test', '{"expectedPeers":1.5}', 'expectedPeers: must be a whole number, not 1.5'],
  ['POST', '/test', '{"duration":0}', 'duration: must be more than 0'],
  [
    'POST',
    '/test',
    '{"duration":86401}',
    'duration: must be at most 86400: the final results of a longer test may be too large to submit'
  ],
  ['POST', '/test', '{"warmup":-1}', 'warmup: must be at least 0'],
  ['POST', '/test', '{"duration":1e400}', 'duration: must be a number, not Infinity'],
  ['PUT', '/test/run/peer/a/metrics', '{"sent":1e400}', 'sent: must be a number, not Infinity'],
  ['PUT', '/test/run/peer/a/metrics', '{"sent":-1e400}', 'sent: must be a number, not -Infinity'],
  ['POST', '/test', '{"started":"yes"}', 'started: must be true or false, not text'],
  ['POST', '/test', '{"labels":[]}', 'labels: must be an object, not a list'],
  ['PUT', '/test/run/peer/a/results', '{"x":1}', 'number: missing: must be a number'],
  ['PUT', '/test/run/peer/a/metrics', '{"position":[1,2]}', 'position: must have at least 3 entries'],
  ['PUT', '/test/run/peer/a/metrics', '{"position":1}', 'position: must be a list, not a number'],
  ['POST', '/test/run/metrics', '[{"peerId":null,"sequence":0}]', '[0].peerId: must be text, not null']
]
it('Refusals are in plain words', async (t) => {
  const server = await serve(t)
  await server.client.createTest('run', { started: true })
  for (const [method, path, body, message] of REFUSED) {
    const answer = await send(server, { method, path, ...(body !== undefined && { body }) })
    assert.deepEqual([answer.status, answer.body.message], [400, message])
  }
})

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [id, text] of Object.entries(files)) writeFileSync(join(folder, `${id}.json`), text)
  return folder
}

/** As the original wrote it: the times as numbers, each point with the library's figures. */
function oldFile(points = 60): string {
  const dataPoints = Array.from({ length: points }, (_, index) => ({
    peerId: 'ab'[index % 2],
    timestamp: STARTED + index * 1000,
    metrics: { sent: 10, sentTotal: 10 * Math.ceil((index + 1) / 2), averageLatency: 12.5 }
  }))
  return JSON.stringify({ id: 'old', started: STARTED, finished: STARTED + 60_000, dataPoints })
}
