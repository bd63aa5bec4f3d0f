import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import type { Request, Response } from 'express'
import { LIMITS } from '../../protocol/limits'
import type { Reason } from '../../protocol/summary'
import { Clock } from '../clock'
import { Journal } from '../store/journal'
import { LiveTest } from '../store/live-test'
import { TestProgress } from '../store/test-progress'
import { samplePoint } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { EventStreams } from './event-streams'

/** A running test with a point. */
async function runningTest(t: TestContext): Promise<LiveTest> {
  const settings = { id: 'a', createdAt: 1, warmup: 0, seed: 1, labels: {}, thresholds: [] }
  const journal = await Journal.create(join(temporaryFolder(), 'a.journal'), 'write')
  t.after(() => journal.close())
  const counters = { points: 0, duplicates: 0, bytes: 0 }
  const context = { clock: new Clock(), counters, runnerSilenceMs: 1_000 }
  const test = new LiveTest(new TestProgress(settings), journal, context)
  await test.begin(true)
  await addPoint(test, 0)
  return test
}

function addPoint(test: LiveTest, sequence: number) {
  const value = samplePoint('p', sequence)
  return test.addPoint('p', { value, raw: JSON.stringify(value) })
}

async function store(test: LiveTest): Promise<void> {
  await test.finish()
  await test.journal.close()
  test.emit('stored')
}

const REASON: Reason = { rule: 'tick-lateness', cause: 'machine', what: '', why: '', advice: '' }

/** A reader that takes nothing until it is read. */
function slowResponse() {
  const response = new PassThrough({ highWaterMark: 1 })
  return Object.assign(response, { status: () => response, set: () => response })
}

it('A reader that leaves while its position is checked takes no place', async (t) => {
  const test = await runningTest(t)
  const response = slowResponse()
  const streams = new EventStreams(() => Promise.resolve([]))
  const { committedLength } = test.journal
  const served = streams.serve(
    test,
    `${committedLength}`,
    { headers: {} } as Request,
    response as unknown as Response
  )
  response.destroy()
  await served
  assert.equal(streams.openStreams, 0)
})

it('Streams that check their positions at once do not exceed the limit together', async (t) => {
  const test = await runningTest(t)
  const streams = new EventStreams(() => Promise.resolve([]))
  const since = `${test.journal.committedLength}`
  const served = Array.from({ length: LIMITS.eventStreams + 1 }, () => {
    const response = slowResponse()
    const outcome = streams.serve(test, since, { headers: {} } as Request, response as unknown as Response)
    response.destroy()
    return outcome
  })
  const refused = (await Promise.allSettled(served)).filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 1)
  assert.equal(streams.openStreams, 0)
})

it('A reader that is behind, but reads on, keeps its stream', async (t) => {
  const test = await runningTest(t)
  const response = slowResponse()
  let now = performance.now()
  t.mock.method(performance, 'now', () => now)
  t.mock.timers.enable({ apis: ['setInterval'] })
  const streams = new EventStreams(() => Promise.resolve([]))
  const served = streams.serve(test, undefined, { headers: {} } as Request, response as unknown as Response)
  let read = 0
  for (let sequence = 1; sequence < 20; sequence++) {
    await addPoint(test, sequence)
    now += 5_000
    t.mock.timers.tick(500)
    // It reads less than comes.
    if (response.read(100) !== null) read++
    assert.ok(!response.destroyed, `cut off after ${sequence} events`)
    assert.ok(response.writableLength > 0, 'something is unread')
  }
  assert.ok(read > 10)
  response.destroy()
  await served
  assert.equal(test.listenerCount('committed'), 0, 'nothing is kept for those who left')
})

it('A reader that joins while points wait to be sent gets each once, as those before it do', async (t) => {
  const test = await runningTest(t)
  t.mock.timers.enable({ apis: ['setInterval'] })
  const streams = new EventStreams(() => Promise.resolve([]))
  const sent: [string, string] = ['', '']
  const join = (reader: 0 | 1, since?: string) => {
    const response = slowResponse().on('data', (chunk: Buffer) => (sent[reader] += chunk.toString()))
    return streams.serve(test, since, { headers: {} } as Request, response as unknown as Response)
  }
  const served = [join(0)]
  await addPoint(test, 1)
  served.push(join(1, '0'))
  while (!sent[1].includes('"sequence":1')) await new Promise(setImmediate)
  // It joins once it has caught up.
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  assert.equal(streams.openStreams, 2)
  t.mock.timers.tick(500)
  await store(test)
  await Promise.all(served)
  assert.deepEqual(
    sent.map((events) => events.match(/"sequence":\d/g)),
    [['"sequence":1'], ['"sequence":0', '"sequence":1']]
  )
})

for (const [what, reasons] of [
  ['the reasons that hold', [REASON]],
  ['that none holds any more', []]
] as [string, Reason[]][])
  it(`A page that comes later learns ${what}`, async (t) => {
    const test = await runningTest(t)
    let now = performance.now()
    t.mock.method(performance, 'now', () => now)
    t.mock.timers.enable({ apis: ['setInterval'] })
    const streams = new EventStreams(() => Promise.resolve(reasons))
    const [earlier, later] = [slowResponse(), slowResponse()]
    const serve = (response: PassThrough) =>
      streams.serve(test, undefined, { headers: {} } as Request, response as unknown as Response)
    const served = [serve(earlier)]
    now += 11_000
    t.mock.timers.tick(500)
    await new Promise(setImmediate)
    served.push(serve(later))
    earlier.destroy()
    await store(test)
    assert.ok((await text(later)).includes(`event: reasons\ndata: ${JSON.stringify(reasons)}\n\n`))
    await Promise.all(served)
  })

it('Reasons that come once the test is stored are sent to nobody', async (t) => {
  const test = await runningTest(t)
  let now = performance.now()
  t.mock.method(performance, 'now', () => now)
  t.mock.timers.enable({ apis: ['setInterval'] })
  let tell: (reasons: Reason[]) => void
  const streams = new EventStreams(() => new Promise((resolve) => (tell = resolve)))
  const response = slowResponse()
  const served = streams.serve(test, undefined, { headers: {} } as Request, response as unknown as Response)
  now += 11_000
  t.mock.timers.tick(500)
  await store(test)
  tell!([REASON])
  await new Promise(setImmediate)
  assert.match(await text(response), /"state":"finished"[^\n]*\n\n$/)
  await served
})

describe('a stream whose test is stored while it replays the journal', () => {
  const cases: { it: string; meanwhile: (test: LiveTest) => Promise<unknown> }[] = [
    { it: 'ends with it', meanwhile: store },
    {
      it: 'ends with it, though the journal is gone',
      meanwhile: async (test) => {
        await addPoint(test, 1)
        await store(test)
        await rm(test.journal.path)
      }
    }
  ]
  it('ends with it, though the journal is gone before its position is checked', async (t) => {
    const test = await runningTest(t)
    const { path, committedLength } = test.journal
    const response = slowResponse()
    await test.finish()
    await test.journal.close()
    await rm(path)
    const streams = new EventStreams(() => Promise.resolve([]))
    const request = { headers: {} } as Request
    const served = streams.serve(test, `${committedLength}`, request, response as unknown as Response)
    test.emit('stored')
    assert.match(await text(response), /^event: state\n/)
    await served
  })

  for (const { it: what, meanwhile } of cases) {
    it(what, async (t) => {
      const test = await runningTest(t)
      const response = slowResponse()
      const streams = new EventStreams(() => Promise.resolve([]))
      const served = streams.serve(test, '0', { headers: {} } as Request, response as unknown as Response)
      // The state and the first points wait for the reader.
      while (response.writableLength === 0) await new Promise(setImmediate)
      await meanwhile(test)
      const events = (await text(response)).trim().split('\n\n')
      await served
      assert.match(events[1]!, /^id: \d+\nevent: points\n/)
      assert.match(events.at(-1)!, /^event: state\n.*"finished"/)
      assert.equal(streams.openStreams, 0)
    })
  }
})
