import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEvents } from './event-stream'

/** The events of a text that arrives in chunks of `size` bytes. */
async function eventsOf(text: string, size: number) {
  const bytes = new TextEncoder().encode(text)
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.subarray(i, i + size))
      controller.close()
    }
  })
  const events = []
  for await (const event of readEvents(stream)) events.push(event)
  return events
}

describe('readEvents', () => {
  const cases: [string, string, { id?: string; name: string; data: string }[]][] = [
    ['an event', 'id: 7\nevent: state\ndata: {"a":"ü"}\n\n', [{ id: '7', name: 'state', data: '{"a":"ü"}' }]],
    ['data of several lines', 'data: a\ndata: b\n\n', [{ name: 'message', data: 'a\nb' }]],
    ['comments between', ': alive\n\nevent: x\ndata: 1\n\n: alive\n\n', [{ name: 'x', data: '1' }]],
    ['lines that end as on Windows', 'event: x\r\ndata: 1\r\n\r\n', [{ name: 'x', data: '1' }]],
    ['an event that is cut off', 'event: x\ndata: 1\n\nevent: y\ndata: 2', [{ name: 'x', data: '1' }]]
  ]
  for (const [name, text, expected] of cases) {
    for (const size of [1, 3, 1000]) {
      it(`reads ${name}, in pieces of ${size} bytes`, async () =>
        assert.deepEqual(
          await eventsOf(text, size),
          expected.map((event) => ({ id: undefined, ...event }))
        ))
    }
  }
})
