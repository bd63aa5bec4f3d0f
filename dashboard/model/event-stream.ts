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
  let rest = ''
  for await (const piece of textOf(stream)) {
    const blocks = (rest + piece).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const event = parse(block)
      if (event !== undefined) yield event
    }
  }
}

/** Parses one event's lines; returns undefined for a comment. */
function parse(block: string): ServerEvent | undefined {
  const event: ServerEvent = { id: undefined, name: 'message', data: '' }
  const data: string[] = []
  for (const line of block.split('\n')) {
    const [, field, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? []
    if (field === 'id') event.id = value
    else if (field === 'event') event.name = value!
    else if (field === 'data') data.push(value!)
  }
  return data.length > 0 ? { ...event, data: data.join('\n') } : undefined
}

async function* textOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
