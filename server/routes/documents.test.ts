import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { it } from 'node:test'
import { until } from '../testing/databases'
import { journalOf } from '../testing/files'
import { samplePoint } from '../testing/sample-data'
import { serve } from '../testing/test-server'

/** How often this process has the file open. */
function timesOpen(path: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path
    } catch {
      return false
    }
  }).length
}

const readers: { it: string; waitsFor: 'connect' | 'data' }[] = [
  { it: 'before the first chunk', waitsFor: 'connect' },
  { it: 'after the first chunk', waitsFor: 'data' }
]
for (const { it: when, waitsFor } of readers) {
  it(
    `closes the journal of a reader that disconnects ${when}`,
    { skip: process.platform !== 'linux' },
    async (t) => {
      const { client, folder, port } = await serve(t)
      await client.createTest('mine', { started: true })
      await client.submitPoints(
        'mine',
        Array.from({ length: 400 }, (_, index) => samplePoint('p', index))
      )
      const journal = journalOf(folder, 'mine')!
      for (let reader = 0; reader < 8; reader++) {
        const socket = connect(port, '127.0.0.1')
        const isThere = once(socket, waitsFor)
        socket.write(`GET /test/mine?dataPoints=true HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
        await isThere
        socket.destroySoon()
      }
      // The last reader whose document is opened is this one.
      await client.getDocument('mine')
      await until(() => timesOpen(journal) === 1, 'only the server itself has the journal open')
    }
  )
}
