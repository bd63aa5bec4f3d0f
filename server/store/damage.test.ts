/** Journals damaged on the disk: each reader skips the damage alone, and the loss is reported. */
import assert from 'node:assert/strict'
import { existsSync, appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { pino } from 'pino'
import { until } from '../testing/databases'
import { readDocument } from '../testing/documents'
import { fakeInflux } from '../testing/fake-influx'
import { journalOf } from '../testing/files'
import { samplePoint, sampleResults } from '../testing/sample-data'
import { serve } from '../testing/test-server'
import { ownFolderOf } from './results-folder'

const POINTS = 10
/** Of the line that is damaged: line 0 creates the test, and line 1 starts it. */
const LINE = 7

/** Changes the lines; `left` of the points remain. */
const DAMAGES: [what: string, left: number, change: (lines: string[]) => void][] = [
  ['a flipped bit that makes a newline', POINTS - 1, (lines) => edit(lines, '"sent"', '"se\nt"')],
  ['a flipped bit in the seal', POINTS - 1, (lines) => edit(lines, ',"crc":"', ',"crc":!')],
  ['a changed digit', POINTS - 1, (lines) => edit(lines, '"sequence":5', '"sequence":6')],
  ['a line of zeros', POINTS - 1, (lines) => (lines[LINE] = '\0'.repeat(40))],
  ['a missing line', POINTS - 1, (lines) => lines.splice(LINE, 1)],
  ['a line that comes twice', POINTS, (lines) => lines.splice(LINE, 0, lines[LINE]!)]
]

function edit(lines: string[], from: string, to: string): void {
  assert.ok(lines[LINE]!.includes(from))
  lines[LINE] = lines[LINE]!.replace(from, to)
}

/** The folder of a stopped server with these tests. Its relay has got nothing out. */
async function fill(t: TestContext, ids: string[], finished: string): Promise<string> {
  const server = await serve(t, {
    influx: { url: 'http://127.0.0.1:9', database: 'comms' }
  })
  for (const id of ids) {
    await server.client.createTest(id, { started: true })
    // One request a point: each gets a line of its own.
    for (let sequence = 0; sequence < POINTS; sequence++)
      await server.client.submitPoints(id, [samplePoint('p', sequence)])
  }
  await server.client.finishTest(finished)
  await server.close()
  return server.folder
}

/** Reads a stream of events from that position on, until the last point. */
async function pastOf(url: string, id: string, since = 0): Promise<string> {
  const abort = new AbortController()
  const stream = await fetch(`${url}/test/${id}/events?since=${since}`, { signal: abort.signal })
  let events = ''
  for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>) {
    events += Buffer.from(chunk).toString()
    if (events.includes(`"sequence":${POINTS - 1}`) && events.endsWith('\n\n')) break
  }
  abort.abort()
  return events
}

it('A damaged journal costs only the damage: state, stream, relay, document', async (t) => {
  const rows = DAMAGES.map(([what, left, change], index) => ({ what, left, change, id: `t${index}` }))
  const folder = await fill(t, [...rows.map(({ id }) => id), 'torn'], 'torn')
  for (const { id, change } of rows) {
    const path = journalOf(folder, id)!
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    change(lines)
    writeFileSync(path, `${lines.join('\n')}\n`)
  }
  appendFileSync(journalOf(folder, 'torn')!, '{"points":[{"peerId":"p","seq')
  const { lines, influx } = await fakeInflux(t)
  const relayed = (id: string) => [...lines].filter((line) => line.includes(`,test=${id},`)).length
  const log: string[] = []
  const logger = pino({}, { write: (line) => log.push(line) })
  const { client, url } = await serve(t, { folder, influx, logger })
  for (const { what, left, id } of rows)
    await t.test(`with ${what}`, async () => {
      const state = await client.getTest(id)
      assert.equal(state.dataPointCount, left)
      assert.notEqual(state.damage, undefined)
      assert.equal((await pastOf(url, id)).match(/"sequence":\d+/g)!.length, left)
      await until(() => relayed(id) === left, 'the intact points are relayed')
      const isTold = () => log.some((line) => line.includes(`journal of test ${id} is damaged or`))
      if (what !== 'a missing line') await until(isTold, 'the log names the damage')
      // A retry is accepted: the server does not have it.
      await client.submitPoints(id, [samplePoint('p', 5)])
      await client.finishTest(id)
      const { dataPoints, damage } = readDocument(folder, id) as { dataPoints: unknown[]; damage?: string }
      assert.equal(dataPoints.length, POINTS)
      assert.notEqual(damage, undefined)
    })
  await t.test('whose last line is torn after the test was finished', async () => {
    await until(() => journalOf(folder, 'torn') === undefined, 'the journal is relayed to its end')
    assert.equal(relayed('torn'), POINTS)
  })
  await t.test('is relayed to its end', async () => {
    for (const { id } of rows) {
      await until(() => journalOf(folder, id) === undefined, `the journal of ${id} is removed`)
      assert.equal(relayed(id), POINTS)
    }
    await until(async () => (await client.status()).relay?.lagBytes === 0, 'nothing is left')
  })
})

it('A stream that resumes at a line with a damaged seal skips it, as the results do', async (t) => {
  const folder = await fill(t, ['t', 'other'], 'other')
  const path = journalOf(folder, 't')!
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const since = lines.slice(0, LINE).join('\n').length + 1
  edit(lines, ',"crc":"', ',"cra":"')
  writeFileSync(path, `${lines.join('\n')}\n`)
  const { url } = await serve(t, { folder })
  const resumed = (await pastOf(url, 't', since)).match(/"sequence":\d+/g)
  assert.deepEqual(resumed, ['"sequence":6', '"sequence":7', '"sequence":8', '"sequence":9'])
})

it('An older copy of a journal, put back, is relayed from the beginning', async (t) => {
  const { lines, influx } = await fakeInflux(t)
  const server = await serve(t, { influx })
  const { client, folder } = server
  await client.createTest('t', { started: true })
  await client.submitPoints('t', [samplePoint('p', 0)])
  const path = journalOf(folder, 't')!
  const older = readFileSync(path)
  await client.submitPoints('t', [samplePoint('p', 1), samplePoint('p', 2)])
  await until(() => lines.size === 3, 'all points are relayed')
  const position = `:${statSync(path).size}`
  const positions = join(ownFolderOf(folder), 'relay.json')
  const isSaved = () => existsSync(positions) && readFileSync(positions, 'utf8').includes(position)
  await until(isSaved, 'the position is saved')
  await server.close()
  writeFileSync(path, older)
  lines.clear()
  const again = await serve(t, { folder, influx })
  await again.client.submitPoints('t', [samplePoint('p', 1)])
  await until(() => lines.size === 2, 'both points are relayed')
})

it('Bytes that change after the summary has read them cost only their lines, and are reported', async (t) => {
  const { client, folder } = await serve(t)
  for (const id of ['read', 'finished']) {
    await client.createTest(id, { started: true })
    for (let sequence = 0; sequence < POINTS; sequence++)
      await client.submitPoints(id, [samplePoint('p', sequence)])
    await client.submitPeerResults(id, 'p', sampleResults(0, 0, 1))
    await client.getSummary(id)
    const path = journalOf(folder, id)!
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    edit(lines, '"sent":', '"sent"!')
    lines.push(lines.pop()!.replace('"peerId":', '"peerId"!'))
    // In place, as on the disk: the server has the file open.
    writeFileSync(path, `${lines.join('\n')}\n`, { flag: 'r+' })
  }
  await assert.rejects(client.getDocument('read'), { status: 500 })
  await client.finishTest('finished')
  for (const { dataPoints, peerResults, damage } of [
    await client.getDocument('read'),
    readDocument(folder, 'finished')
  ]) {
    assert.deepEqual([dataPoints.length, peerResults], [POINTS - 1, {}])
    assert.equal(damage, '2 records of its journal are damaged')
  }
})

it('A point that vanishes from a journal that the server has open is reported', async (t) => {
  const { client, folder } = await serve(t)
  await client.createTest('t', { started: true })
  await client.submitPoints('t', [samplePoint('p', 0)])
  const { size } = statSync(journalOf(folder, 't')!)
  await client.submitPoints('t', [samplePoint('p', 1)])
  await client.getSummary('t')
  truncateSync(journalOf(folder, 't')!, size)
  const { damage } = await client.finishTest('t')
  assert.equal(damage, '1 of 2 acknowledged data points are missing from its journal')
  assert.equal((await client.getDocument('t')).damage, damage)
})
