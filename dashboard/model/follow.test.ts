import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { ApiError } from '../../protocol/api-client'
import type { TestState } from '../../protocol/test-life'
import type { Session } from '../session'
import { follow } from './follow'
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

it('Ends its connection when the page is hidden, and connects again when it is back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const controller = new AbortController()
  const signals: AbortSignal[] = []
  const stream = (_path: string, signal: AbortSignal) => {
    if (signals.push(signal) === 2) controller.abort()
    return new Promise((_, reject) => {
      if (signal.aborted) reject(new Error('left'))
      signal.addEventListener('abort', () => reject(new Error('left')))
    })
  }
  const session = { stream } as unknown as Session
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const model = new TestModel()
  model.setState({ ...STATE, state: 'running', peers: { ready: 2, reporting: 2, done: 0 } } as TestState)
  model.addPoint(dataPoints[0]!)
  const following = follow(model, STATE.id, session, () => undefined, controller.signal)
  show(false)
  assert.ok(signals[0]!.aborted)
  await new Promise(setImmediate)
  t.mock.timers.tick(1_000)
  await new Promise(setImmediate)
  assert.equal(signals.length, 1)
  now = 60_000
  show(true)
  await following
  assert.equal(signals.length, 2)
  assert.ok(!model.isSilent(), 'peers that it did not listen to are called silent')
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
