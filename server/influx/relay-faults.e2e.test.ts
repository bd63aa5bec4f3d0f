/**
 * The relay with failing databases, proxies and disks. The database is our own program, because real ones
 * don't fail on request.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { until } from '../testing/databases'
import { fakeInflux } from '../testing/fake-influx'
import { journalOf } from '../testing/files'
import { samplePoint } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { serve } from '../testing/test-server'
import { startRelay } from './relay'
import type { TestJournal } from '../store/open-folder'
import type { TestStore } from '../store/test-store'

const pointsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => samplePoint('p', first + index))

describe('the relay', { concurrency: 4 }, () => {
  it('starts over for a test whose id was used before, even if the relay was off in between', async (t) => {
    const database = await fakeInflux(t)
    const { influx } = database
    const first = await serve(t, { influx })
    await first.client.createTest('same', { started: true })
    await first.client.submitPoints('same', pointsFrom(0, 100))
    await until(() => database.lines.size === 100, '100 points')
    const isSaved = () => {
      const saved = join(first.folder, '.results-server', 'relay.json')
      return (
        existsSync(saved) &&
        readFileSync(saved, 'utf8').includes(`:${statSync(journalOf(first.folder, 'same')!).size}`)
      )
    }
    await until(isSaved, 'the position is saved')
    await first.close()
    const second = await serve(t, { folder: first.folder })
    await second.client.finishTest('same')
    await second.client.deleteTest('same')
    await second.client.createTest('same', { started: true })
    await second.client.submitPoints('same', pointsFrom(0, 60))
    await second.close()
    database.lines.clear()
    await serve(t, { folder: first.folder, influx })
    await until(() => database.lines.size === 60, 'all points of the second test')
  })

  for (const [where, positions] of [
    ['', null],
    ['', { FILE: 'far' }],
    ['', { FILE: -1 }],
    [' of another database', { FILE: 1_000 }]
  ] as const)
    it(`starts over if its positions are ${JSON.stringify(positions)}${where}`, async (t) => {
      const database = await fakeInflux(t)
      const { influx } = database
      const first = await serve(t)
      await first.client.createTest('t', { started: true })
      await first.client.submitPoints('t', pointsFrom(0, 5))
      await first.close()
      const target = `${influx.url} ${influx.database}${where}`
      const text = JSON.stringify({ target, positions }).replace(
        'FILE',
        basename(journalOf(first.folder, 't')!)
      )
      writeFileSync(join(first.folder, '.results-server', 'relay.json'), text)
      await serve(t, { folder: first.folder, influx })
      await until(() => database.lines.size === 5, 'all points')
    })

  it('continues if its positions cannot be saved, and says so', async (t) => {
    const database = await fakeInflux(t)
    const folder = temporaryFolder()
    const { client } = await serve(t, { folder, influx: database.influx })
    // A folder with this name prevents writing the file.
    const obstacle = join(folder, '.results-server', 'relay.json.new')
    mkdirSync(obstacle)
    for (const id of ['one', 'two']) {
      await client.createTest(id, { started: true })
      await client.submitPoints(id, pointsFrom(0, 5))
      await client.finishTest(id)
      await until(() => journalOf(folder, id) === undefined, `test ${id} is relayed`)
    }
    assert.equal(database.lines.size, 10)
    // The relay tells its status every 250 ms; a busy machine may bring it other troubles besides.
    const isSaid = async () =>
      ((await client.status()).relay?.lastError ?? '').includes("positions can't be saved")
    await until(isSaid, 'the status says so')
    rmdirSync(obstacle)
    await client.createTest('three', { started: true })
    await until(async () => !(await isSaid()), 'the problem is over')
  })

  const PASSING: [string, number, string, string][] = [
    [
      'a proxy’s 400 in HTML',
      400,
      'text/html',
      '<html><body><h1>400 Bad Request</h1>unable to parse</body></html>'
    ],
    ['a proxy’s 413 in HTML', 413, 'text/html', '<html>413 Request Entity Too Large</html>'],
    ['a 400 that is about no line', 400, 'application/json', '{"error":"database is required"}'],
    ['a 422 of something else', 422, 'application/json', '{"message":"no"}'],
    ['a 500', 500, 'application/json', '{"error":"unable to parse"}']
  ]
  for (const [what, status, type, body] of PASSING)
    it(`tries again after ${what}, and drops nothing`, async (t) => {
      // Halving the batch would reach single points and drop them.
      let left = 8
      const database = await fakeInflux(t, (_lines, response) => {
        if (left-- <= 0) return false
        response.writeHead(status, { 'Content-Type': type }).end(body)
        return true
      })
      const { client } = await serve(t, { influx: database.influx })
      await client.createTest('t', { started: true })
      await client.submitPoints('t', pointsFrom(0, 50))
      await until(() => database.lines.size === 50, 'all points are written')
      assert.equal((await client.status()).relay?.dropped, 0)
    })

  const FOREIGN: [string, number, string][] = [
    ['a gateway’s 400 that sounds like InfluxDB', 400, '{"error":"unable to parse request"}'],
    ['a gateway’s 400 about an invalid field', 400, '{"code":"x","message":"invalid field Authorization"}'],
    ['a captive portal’s 200', 200, '<html>Sign in</html>'],
    ['a proxy’s 204', 204, '']
  ]
  for (const [what, status, body] of FOREIGN)
    it(`counts nothing as written or dropped by ${what}`, async (t) => {
      let left = 8
      const database = await fakeInflux(t, (_lines, response) => {
        if (left-- <= 0) return false
        response.removeHeader('X-Influxdb-Version')
        response.writeHead(status).end(body)
        return true
      })
      const { client } = await serve(t, { influx: database.influx })
      await client.createTest('t', { started: true })
      await client.submitPoints('t', pointsFrom(0, 50))
      await until(() => database.lines.size === 50, 'all points are written')
      await until(async () => (await client.status()).relay?.written === 52, 'each counts once')
      assert.equal((await client.status()).relay?.dropped, 0)
    })

  it('drops only the line that InfluxDB refuses by name', async (t) => {
    const isBad = (line: string) => line.includes('peer=bad')
    const database = await fakeInflux(t, (lines, response) => {
      if (!lines.split('\n').some(isBad)) return false
      response
        .writeHead(400, { 'Content-Type': 'application/json' })
        .end('{"error":"unable to parse \'x\': bad"}')
      return true
    })
    const { client } = await serve(t, { influx: database.influx })
    await client.createTest('t', { started: true })
    await client.submitPoints('t', [...pointsFrom(0, 30), samplePoint('bad', 0), ...pointsFrom(30, 30)])
    await until(async () => (await client.status()).relay?.dropped === 1, 'one is dropped')
    await until(() => database.lines.size === 60, 'all others are written')
  })

  it('stops asking for a removed journal, and survives one that cannot be removed', async (t) => {
    const database = await fakeInflux(t)
    const warnings: string[] = []
    const logger = pino({}, { write: (line) => warnings.push(line) })
    const server = await serve(t)
    const { client, folder } = server
    await client.createTest('t', { started: true })
    await client.submitPoints('t', pointsFrom(0, 5))
    await server.close()
    let calls = 0
    const path = journalOf(folder, 't')!
    const { size: length } = statSync(path)
    const store = {
      liveTests: [{ id: 't', journal: { path, committedLength: length } }],
      finishedJournals: new Map<string, TestJournal>(),
      dropJournal: () => {
        calls++
        return Promise.reject(new Error('EBUSY: it is in use'))
      }
    }
    const relay = startRelay(folder, database.influx, store as unknown as TestStore, logger)
    t.after(() => relay.close())
    const isRelayed = () => database.lines.size === 5 && relay.status().lagBytes === 0
    await until(() => isRelayed() && relay.status().written > 5, 'all points')
    assert.equal(calls, 0, 'what follows would be lost')
    store.liveTests = []
    store.finishedJournals.set(path, { id: 't', path, length })
    await until(() => calls >= 2, 'it is tried again')
    assert.ok(warnings.some((line) => line.includes('EBUSY')))
    store.finishedJournals.clear()
    assert.equal(database.lines.size, 5)
  })
})
