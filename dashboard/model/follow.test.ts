import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { ApiError } from '../../protocol/api-client'
import type { Session } from '../session'
import { follow } from './follow'
import { TestModel } from './test-model'

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
