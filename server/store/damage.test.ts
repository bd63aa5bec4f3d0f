/** Journals damaged on the disk: each reader skips the damage alone, and the loss is reported. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { until } from '../testing/databases'
import { readDocument } from '../testing/documents'
import { journalOf } from '../testing/files'
import { samplePoint } from '../testing/sample-data'
import { serve } from '../testing/test-server'

const POINTS = 40
/** Of the line that is damaged: line 0 creates the test, and line 1 starts it. */
const LINE = 22

/** Changes the lines; `left` of the points remain. */
const DAMAGES: [what: string, left: number, change: (lines: string[]) => void][] = [
  [
    'a flipped bit that makes a newline',
    POINTS - 1,
    (lines) => {
      edit(lines, '"sent"', '"se\nt"')
    }
  ],
  [
    'a flipped bit in the seal',
    POINTS - 1,
    (lines) => {
      edit(lines, ',"crc":"', ',"crc":!')
    }
  ],
  [
    'a changed digit',
    POINTS - 1,
    (lines) => {
      edit(lines, '"sequence":20', '"sequence":21')
    }
  ],
  ['a line of zeros', POINTS - 1, (lines) => (lines[LINE] = '\0'.repeat(40))],
  ['a missing line', POINTS - 1, (lines) => lines.splice(LINE, 1)],
  ['a line that comes twice', POINTS, (lines) => lines.splice(LINE, 0, lines[LINE]!)]
]

function edit(lines: string[], from: string, to: string): void {
  assert.ok(lines[LINE]!.includes(from))
  lines[LINE] = lines[LINE]!.replace(from, to)
}

/** A database that accepts everything. It stores each point once. */
async function fakeInflux(t: TestContext) {
  const points = new Set<string>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      for (const line of body.split('\n').filter((line) => line.startsWith('peer_metrics'))) points.add(line)
      response.writeHead(request.url!.startsWith('/write') ? 204 : 200, { 'X-Influxdb-Version': '1' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { points, influx: { url: `http://127.0.0.1:${port}`, database: 'comms' } }
}

/** The folder of a stopped server with a running test. */
async function folderOfTest(t: TestContext): Promise<string> {
  const server = await serve(t)
  await server.client.createTest('t', { started: true })
  for (let sequence = 0; sequence < POINTS; sequence++)
    await server.client.submitPoints('t', [samplePoint('p', sequence)])
  await server.close()
  return server.folder
}

/** Reads a stream of events from the beginning, until the last point. */
async function pastOf(url: string): Promise<string> {
  const abort = new AbortController()
  const stream = await fetch(`${url}/test/t/events?since=0`, { signal: abort.signal })
  let events = ''
  for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>) {
    events += Buffer.from(chunk).toString()
    if (events.includes(`"sequence":${POINTS - 1}`) && events.endsWith('\n\n')) break
  }
  abort.abort()
  return events
}

describe('a damaged journal', () => {
  for (const [what, left, change] of DAMAGES)
    it(`with ${what} costs only that: state, stream, relay, document`, async (t) => {
      const folder = await folderOfTest(t)
      const path = journalOf(folder, 't')!
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      change(lines)
      writeFileSync(path, `${lines.join('\n')}\n`)
      const { points, influx } = await fakeInflux(t)
      const { client, url } = await serve(t, { folder, influx })
      const state = await client.getTest('t')
      assert.equal(state.dataPointCount, left)
      assert.notEqual(state.damage, undefined)
      assert.equal((await pastOf(url)).match(/"sequence":\d+/g)!.length, left)
      await until(() => points.size === left, 'the intact points are relayed')
      // A retry is accepted: the server does not have it.
      await client.submitPoints('t', [samplePoint('p', 20)])
      await client.finishTest('t')
      const { dataPoints, damage } = readDocument(folder, 't') as { dataPoints: unknown[]; damage?: string }
      assert.equal(dataPoints.length, POINTS)
      assert.notEqual(damage, undefined)
      await until(() => journalOf(folder, 't') === undefined, 'the journal is relayed to its end')
      assert.equal(points.size, POINTS)
    })

  it('whose last line is torn after the test was finished is relayed to its end', async (t) => {
    const folder = await folderOfTest(t)
    const offline = await serve(t, { folder, influx: { url: 'http://127.0.0.1:9', database: 'comms' } })
    await offline.client.finishTest('t')
    await offline.close()
    appendFileSync(journalOf(folder, 't')!, '{"points":[{"peerId":"p","seq')
    const { points, influx } = await fakeInflux(t)
    const { client } = await serve(t, { folder, influx })
    await until(() => journalOf(folder, 't') === undefined, 'the journal is removed')
    assert.equal(points.size, POINTS)
    await until(async () => (await client.status()).relay?.lagBytes === 0, 'nothing is left')
  })
})
