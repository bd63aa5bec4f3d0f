import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { ApiError } from '../../protocol/api-client'
import type { Session } from '../session'
import { follow, MOST_POINTS } from './follow'
import { TestModel } from './test-model'

/** The page's window. */
const page = new EventTarget()
globalThis.addEventListener = page.addEventListener.bind(page)
globalThis.document = { hidden: false } as Document

function show(isShown: boolean): void {
  globalThis.document = { hidden: !isShown } as Document
  page.dispatchEvent(new Event('visibilitychange'))
}

const DOCUMENT = fakeDocument({ peers: 2, duration: 8, interval: 2, delay: 40 })
const { dataPoints, ...STATE } = DOCUMENT
const ALL = dataPoints.length
/** In the document only: shows whether its points were read. */
const EXTRA = { ...dataPoints[0]!, sequence: 1_000 }

for (const { told, read } of [
  { told: 0, read: true },
  { told: 1, read: true },
  { told: ALL - 1, read: true },
  { told: ALL, read: false }
])
  it(`After ${told} of ${ALL} points of a test, its document's points are ${read ? '' : 'not '}read`, async () => {
    const events: [string, unknown][] = [
      ['points', dataPoints.slice(0, told)],
      ['state', { ...STATE, dataPointCount: ALL }]
    ]
    const stream = (path: string) =>
      Promise.resolve(
        new Blob([
          path.includes('/events')
            ? events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('')
            : JSON.stringify({ ...STATE, dataPointCount: ALL, dataPoints: [...dataPoints, EXTRA] })
        ]).stream()
      )
    const model = new TestModel()
    const session = { stream } as unknown as Session
    await follow(model, STATE.id, session, () => undefined, new AbortController().signal)
    assert.equal(model.pointCount, read ? ALL + 1 : ALL)
  })

/** A body that arrives in chunks of `size` bytes. */
const inPieces = (text: string, size: number) =>
  new Blob([text]).stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
      }
    })
  )

for (const size of [1, 3, 1000])
  it(`Reads events in pieces of ${size} bytes, and continues after the last of a connection that ended`, async () => {
    const sample = { ...DOCUMENT.runnerSamples[0]!, sequence: 1_000, errors: ['ü'] }
    const answers = [
      `: alive\n\nid: 7\r\nevent: runner\r\ndata: ${JSON.stringify(sample)}\r\n\r\n` +
        'event: other\ndata: {}\n\ndata: of no name\n\nevent: state\ndata: {"cut off',
      `: alive\n\nevent: points\ndata: [\ndata: ]\n\nevent: state\ndata: ${JSON.stringify(STATE)}\n\n`,
      JSON.stringify(DOCUMENT)
    ]
    const paths: string[] = []
    const versions: number[] = []
    const stream = (path: string) => {
      paths.push(path)
      versions.push(model.version)
      return Promise.resolve(inPieces(answers.shift()!, size))
    }
    const model = new TestModel()
    const session = { stream } as unknown as Session
    const losses: boolean[] = []
    await follow(model, STATE.id, session, (isLost) => losses.push(isLost), new AbortController().signal)
    const test = `/test/${STATE.id}`
    assert.deepEqual(paths, [`${test}/events?since=0`, `${test}/events?since=7`, `${test}?dataPoints=true`])
    assert.deepEqual(losses, [false, false])
    assert.ok(versions[1]! > 0, 'its page would not draw the sample')
    assert.deepEqual([model.errors[0]!.text, model.pointCount], ['ü', ALL])
  })

for (const { status, code, refuses } of [
  { status: 404, code: 'test-not-found', refuses: true },
  { status: 500, code: 'test-corrupt', refuses: true },
  { status: 500, code: 'no-summary', refuses: true },
  { status: 500, code: 'internal-error', refuses: false },
  { status: 503, code: 'too-many-streams', refuses: false },
  { status: 507, code: 'disk-full', refuses: false }
])
  it(`${refuses ? 'Refuses with the error' : 'Tries again after'} ${code}`, async () => {
    const error = new ApiError(status, code, 'why')
    const session = { stream: () => Promise.reject(error) } as unknown as Session
    const controller = new AbortController()
    const following = follow(
      new TestModel(),
      STATE.id,
      session,
      // Otherwise it would try for ever.
      () => controller.abort(),
      controller.signal
    )
    if (refuses) await assert.rejects(following, error)
    else await following
  })

const encoder = new TextEncoder()
const RUNNING = { ...STATE, state: 'running' as const, dataPointCount: 0 }

/** A session of streams that stay open after a test's state and its first points, if any, until aborted. */
function openStreams(state: object, points: unknown[] = []) {
  const signals: AbortSignal[] = []
  const stream = (_path: string, signal: AbortSignal) => {
    signals.push(signal)
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const text = [`event: state\ndata: ${JSON.stringify(state)}\n\n`]
      if (points.length > 0) text.push(`event: points\ndata: ${JSON.stringify(points)}\n\n`)
      controller.enqueue(encoder.encode(text.join('')))
      signal.addEventListener('abort', () => controller.error(new Error('left')))
    }
    return signal.aborted ? Promise.reject(new Error('over')) : Promise.resolve(new ReadableStream({ start }))
  }
  return { signals, session: { stream } as unknown as Session }
}

/** Until what is under way has been read. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}

for (const isShown of [true, false])
  it(`Lets go of the server when the page is hidden${isShown ? '' : ' from the start'}, and connects again when it is back`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { signals, session } = openStreams(RUNNING, dataPoints.slice(0, 1))
    const model = new TestModel()
    const controller = new AbortController()
    t.after(() => {
      controller.abort()
      show(true)
    })
    const losses: boolean[] = []
    show(isShown)
    const following = follow(model, STATE.id, session, (isLost) => losses.push(isLost), controller.signal)
    await settle()
    if (isShown) show(false)
    await settle()
    t.mock.timers.tick(10_000)
    await settle()
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true]
    )
    // As after an hour: what is about to arrive tells whether peers report.
    if (isShown) model.heardAt = -3_600_000
    show(true)
    await Promise.resolve()
    assert.ok(!model.isSilent())
    await settle()
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false]
    )
    assert.deepEqual(losses, [false, false])
    controller.abort()
    await following
  })

for (const { what, state, points } of [
  { what: 'of many points', state: { ...RUNNING, dataPointCount: MOST_POINTS + 1 }, points: [] },
  {
    what: 'that will have many points',
    state: { ...RUNNING, duration: 86_400, expectedPeers: 10 },
    points: []
  },
  { what: 'of a crowd', state: RUNNING, points: [{ ...dataPoints[0]!, crowd: { points: 300, peers: 300 } }] },
  { what: 'that is finished', state: STATE, points: [] }
])
  it(`Keeps its connection on a hidden page of a test ${what}, until that is left`, async (t) => {
    const { signals, session } = openStreams(state, points)
    const controller = new AbortController()
    t.after(() => {
      controller.abort()
      show(true)
    })
    const following = follow(new TestModel(), STATE.id, session, () => undefined, controller.signal)
    await settle()
    show(false)
    await settle()
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false]
    )
    page.dispatchEvent(new Event('pagehide'))
    assert.ok(signals[0]!.aborted, 'a page that is left keeps its connection')
    controller.abort()
    await following
  })

it('Reconnects after a minute without an event', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const controller = new AbortController()
  let connections = 0
  const stream = () => {
    if (++connections === 2) controller.abort()
    // Open, and silent for ever.
    return connections === 1 ? Promise.resolve(new ReadableStream()) : Promise.reject(new Error('over'))
  }
  const session = { stream } as unknown as Session
  const following = follow(new TestModel(), STATE.id, session, () => undefined, controller.signal)
  for (const time of [60_000, 1_000]) {
    await new Promise(setImmediate)
    t.mock.timers.tick(time)
  }
  await following
  assert.equal(connections, 2)
})
