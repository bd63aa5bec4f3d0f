import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** A database that accepts every line unless `refuse` answers. It stores each peer's lines by their text. */
export async function fakeInflux(
  t: TestContext,
  refuse: (body: string, response: ServerResponse) => boolean = () => false,
  answerQuery = (response: ServerResponse) => response.end('{"results":[]}')
) {
  const lines = new Set<string>()
  let writes = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      response.setHeader('X-Influxdb-Version', '1.6.7')
      if (!request.url!.startsWith('/write')) return answerQuery(response)
      writes++
      if (refuse(body, response)) return undefined
      for (const line of body.split('\n').filter((line) => line.startsWith('peer_metrics'))) lines.add(line)
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { influx: { url: `http://127.0.0.1:${port}`, database: 'comms' }, lines, writes: () => writes }
}
