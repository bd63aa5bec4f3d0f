/** The load generator: keeps a fixed number of requests in flight, each on its own connection. */
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'

export interface Load {
  url: string
  path: string
  method: 'POST' | 'PUT'
  body: () => string
  seconds: number
  connections: number
}

/** Successful requests per second. Throws if one fails. */
export async function measureLoad(load: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
  const begun = performance.now()
  const until = begun + load.seconds * 1000
  let answered = 0
  const keepSending = async () => {
    while (performance.now() < until) {
      await send(agent, load)
      answered++
    }
  }
  await Promise.all(Array.from({ length: load.connections }, keepSending))
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  return answered / seconds
}

export async function send(
  agent: Agent,
  { url, path, method, body }: Omit<Load, 'seconds' | 'connections'>
): Promise<void> {
  const text = body()
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  const call = request(url + path, { agent, method, headers }).end(text)
  // A connection that breaks after that makes the response fail, too.
  call.on('error', () => undefined)
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode ?? 0}`)
}
