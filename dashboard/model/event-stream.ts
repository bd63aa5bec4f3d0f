import { EventSourceParserStream } from 'eventsource-parser/stream'

export interface ServerEvent {
  id: string | undefined
  name: string
  data: string
}

/**
 * Reads server-sent events from a response body. The browser's EventSource cannot send the Authorization
 * header, and a token in the URL would end up in logs.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const text = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
  // Safari cannot iterate over a stream.
  const reader = text.pipeThrough(new EventSourceParserStream()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield { id: value.id, name: value.event ?? 'message', data: value.data }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
