import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it, mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createTestSchema } from '../../protocol/test-life'
import type { Refusal } from '../../cli/refusal'
import { Clock } from '../clock'
import { samplePoint, sampleResults, sampleRunner } from '../testing/sample-data'
import { temporaryFolder } from '../testing/temporary-folder'
import { Journal } from './journal'
import { LiveTest } from './live-test'
import { ResultsMaker } from './results-maker'
import { dataPointsOf, type TestSettings } from './records'
import { settingsOf, TestProgress } from './test-progress'

const SETTINGS = { id: 'a', createdAt: 1, warmup: 0, seed: 1, labels: {}, thresholds: [] }

async function liveTest(settings: TestSettings) {
  const journal = await Journal.create(join(temporaryFolder(), 'a.journal'), 'write')
  const counters = { points: 0, duplicates: 0, bytes: 0 }
  const context = { clock: new Clock(), counters, runnerSilenceMs: 1_000 }
  const test = new LiveTest(new TestProgress(settings), journal, context)
  return { test, journal, clock: context.clock, counters }
}

it('a finish that fails tells no peer that the test is finished', async () => {
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
  const { test, journal } = await liveTest(SETTINGS)
  await test.begin(true)
  mock.method(journal, 'append').mock.mockImplementationOnce(() => Promise.reject(full))
  const finishing = test.finish()
  const posting = test.addPoint('p', { value: { sent: 1 }, raw: '{"sent":1}' })
  await assert.rejects(finishing, { code: 'ENOSPC' })
  assert.deepEqual(await posting, { state: 'running' })
  await test.finish()
  await assert.rejects(test.addPoint('p', { value: { sent: 1 }, raw: '{"sent":1}' }), { status: 409 })
  await journal.close()
})

it('peers that become ready at once start the test once', async () => {
  const settings = { ...SETTINGS, expectedPeers: 3 }
  const { test, journal } = await liveTest(settings)
  await test.begin(false)
  for (let time = 0; time < 3; time++) assert.deepEqual(await test.peerReady('p'), { state: 'created' })
  const answers = await Promise.all(['p', 'q', 'r', 'p'].map((peer) => test.peerReady(peer)))
  assert.ok(answers.every(({ state }) => state === 'running'))
  await journal.close()
})

it('a test whose start cannot be written starts when its last peer comes again', async () => {
  const { test, journal } = await liveTest({ ...SETTINGS, expectedPeers: 1 })
  await test.begin(false)
  const append = mock.method(journal, 'append').mock
  append.mockImplementationOnce(() => Promise.reject(new Error('full')), 1)
  await assert.rejects(test.peerReady('p'), /full/)
  assert.deepEqual(await test.peerReady('p'), { state: 'running' })
  await journal.close()
})

it('a test whose start is held back starts only on request', async () => {
  const body = createTestSchema.parse({ expectedPeers: 1, holdStart: true })
  const { test, journal } = await liveTest(settingsOf('a', body, 1))
  await test.begin(false)
  assert.deepEqual(await test.peerReady('p'), { state: 'created' })
  assert.equal((await test.start()).state, 'running')
  await journal.close()
})

it('a test that ends while its last peer becomes ready never starts', async () => {
  const { test, journal } = await liveTest({ ...SETTINGS, expectedPeers: 1 })
  await test.begin(false)
  const append = journal.append.bind(journal)
  let finishing: Promise<void>
  mock.method(journal, 'append').mock.mockImplementationOnce(async (...records: Buffer[][]) => {
    const end = await append(...records)
    finishing = test.finish()
    return end
  })
  assert.deepEqual(await test.peerReady('p'), { state: 'finished' })
  await finishing!
  assert.equal(test.state().startsAt, undefined)
  await journal.close()
})

const bodyOf = <T>(value: T) => ({ value, raw: JSON.stringify(value) })
const POINT = samplePoint('p', 0)
const CALLS: Record<string, (test: LiveTest) => Promise<unknown>> = {
  'a point': (test) => test.addPoint('p', bodyOf(POINT)),
  'a batch': (test) => test.addPoints(bodyOf([POINT])),
  results: (test) => test.addPeerResults('p', bodyOf(sampleResults(0, 1, 2))),
  'a start': (test) => test.start(),
  'a ready peer': (test) => test.peerReady('p'),
  'a topology': (test) => test.addTopology(bodyOf({ at: 1, source: 'peers', nodes: [] })),
  'a sample': (test) => test.addRunnerSample('r', bodyOf(sampleRunner(0)))
}
const BEFORE = { 'a point': 'test-not-started', 'a batch': 'test-not-started', results: 'test-not-started' }
const STATES: [state: string, starts: boolean, refusals: Record<string, string>][] = [
  ['has not started', false, BEFORE],
  ['runs', true, { 'a start': 'test-started' }],
  ['is ending', true, Object.fromEntries(Object.keys(CALLS).map((what) => [what, 'test-finished']))]
]
for (const [state, starts, refusals] of STATES)
  it(`takes what makes sense of a test that ${state}`, async () => {
    const refused: Record<string, string> = {}
    for (const [what, call] of Object.entries(CALLS)) {
      const { test, journal } = await liveTest(SETTINGS)
      await test.begin(starts)
      const ending = state === 'is ending' ? test.finish() : undefined
      await call(test).catch((error: unknown) => (refused[what] = (error as Refusal).code))
      await ending
      await journal.close()
    }
    assert.deepEqual(refused, refusals)
  })

for (const what of ['a point', 'a batch', 'results', 'a start', 'a ready peer'])
  it(`${what} that cannot be written changes nothing`, async () => {
    const { test, journal } = await liveTest(SETTINGS)
    await test.begin(what !== 'a start')
    const before = test.state()
    mock.method(journal, 'append').mock.mockImplementationOnce(() => Promise.reject(new Error('full')))
    await assert.rejects(CALLS[what]!(test), /full/)
    assert.deepEqual(test.state(), before)
    await journal.close()
  })

it('no two points of a test share a timestamp: a database would keep one of them', async (t) => {
  const { test, journal, clock } = await liveTest(SETTINGS)
  await test.begin(true)
  t.mock.method(clock, 'now', () => 1)
  const timestamps: number[] = []
  test.on('committed', (record) => timestamps.push(...dataPointsOf(record).map(({ timestamp }) => timestamp)))
  for (const first of [0, 2])
    await test.addPoints(bodyOf([samplePoint('p', first), samplePoint('p', first + 1)]))
  assert.equal(new Set(timestamps).size, 4)
  await journal.close()
})

for (const what of ['a point', 'a batch', 'results', 'a ready peer'])
  it(`${what} that comes again is acknowledged once the first is in the journal, and not written`, async () => {
    const { test, journal } = await liveTest(SETTINGS)
    await test.begin(true)
    const begun = journal.committedLength
    const first = CALLS[what]!(test)
    await CALLS[what]!(test)
    const { committedLength } = journal
    assert.ok(committedLength > begun)
    await first
    await CALLS[what]!(test)
    assert.equal(journal.committedLength, committedLength)
    await journal.close()
  })

for (const what of ['a point', 'a batch'])
  it(`${what} counts once it is in the journal`, async () => {
    const { test, journal, counters } = await liveTest(SETTINGS)
    await test.begin(true)
    const append = journal.append.bind(journal)
    let write: () => void
    const mayWrite = new Promise<void>((resolve) => (write = resolve))
    mock.method(journal, 'append').mock.mockImplementationOnce(async (...records: Buffer[][]) => {
      await mayWrite
      return append(...records)
    })
    const posting = CALLS[what]!(test)
    await setImmediate()
    assert.equal(test.source.state.dataPointCount, 0)
    write!()
    await posting
    assert.equal(test.source.state.dataPointCount, 1)
    assert.equal(test.source.state.peers.reporting, 1)
    await CALLS[what]!(test)
    const { points, duplicates, bytes } = counters
    assert.deepEqual([points, duplicates, bytes > 0], [1, 1, true])
    await journal.close()
  })

for (const [silence, lost] of [
  [500, 0],
  [2_000, 1]
] as const)
  it(`a runner that is silent for ${silence} ms before the end is ${lost ? '' : 'not '}lost after it`, async (t) => {
    const { test, journal, clock } = await liveTest(SETTINGS)
    let now = clock.now()
    t.mock.method(clock, 'now', () => now)
    await test.begin(true)
    await test.addRunnerSample('r', { value: sampleRunner(0), raw: JSON.stringify(sampleRunner(0)) })
    now += silence
    await test.finish()
    now += 60_000
    assert.equal(test.countRunners().lost, lost)
    await journal.close()
  })

it('the summary of a finished test is not that of a moment ago, when it ran', async (t) => {
  const { test, journal, clock } = await liveTest(SETTINGS)
  const maker = new ResultsMaker()
  let now = clock.now()
  t.mock.method(clock, 'now', () => now)
  await test.begin(true)
  await test.addRunnerSample('r', { value: sampleRunner(0), raw: JSON.stringify(sampleRunner(0)) })
  const rules = async () => (await maker.summaryOf(test)).reasons.map(({ rule }) => rule)
  assert.ok(!(await rules()).includes('lost-runner'))
  now += 60_000
  await test.finish()
  assert.ok((await rules()).includes('lost-runner'))
  await Promise.all([maker.close(), journal.close()])
})

it('a summary that was asked for before the start counts as one that was not', async () => {
  const { test, journal } = await liveTest(SETTINGS)
  const [early, late] = [new ResultsMaker(), new ResultsMaker()]
  await test.begin(false)
  await early.summaryOf(test)
  await test.start()
  const from = test.model.startsAt! + 1_000
  await test.addPoints(bodyOf([{ ...POINT, interval: { from, until: from + 2_000 } }]))
  assert.deepEqual(await early.summaryOf(test), await late.summaryOf(test))
  await Promise.all([early.close(), late.close(), journal.close()])
})
