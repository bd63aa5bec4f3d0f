/** Acknowledged data survives whenever the server is killed. Tests whole servers in their own processes. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../analysis/statistics/random'
import { ResultsClient } from '../protocol/api-client'
import { seedOf } from '../tools/testing/seed'
import { keysOf, readDocument } from './testing/documents'
import { samplePoint } from './testing/sample-data'
import { temporaryFolder } from './testing/temporary-folder'
import { spawnServer } from './testing/test-server'

const KILLS = 50

describe('kill -9', () => {
  it(`loses no acknowledged point at any of ${KILLS} random moments in a test`, async (t) => {
    const folder = temporaryFolder()
    const acknowledged = new Set<string>()
    const sequences = new Map<string, number>()
    let server = await spawnServer(t, folder)
    let client = new ResultsClient({ url: server.url, retries: 0 })
    await client.createTest('hard', { started: true })

    const random = seededRandom(seedOf(t))
    let left = 0
    const submit = async (peerId: string) => {
      for (;;) {
        const first = sequences.get(peerId) ?? 0
        const points = Array.from({ length: 5 }, (_, index) => samplePoint(peerId, first + index))
        await client.submitPoints('hard', points)
        for (const { sequence } of points) acknowledged.add(`${peerId}/${sequence}`)
        if (--left === 0) server.process.kill('SIGKILL')
        sequences.set(peerId, first + points.length)
      }
    }
    for (let kill = 0; kill < KILLS; kill++) {
      // After this many acknowledgements, while the other peers wait for theirs.
      left = 1 + Math.floor(20 * random.uniform())
      const working = Promise.allSettled(['a', 'b', 'c', 'd'].map(submit))
      await server.ended
      await working
      // Retries of unacknowledged points begin at the same sequence number.
      server = await spawnServer(t, folder)
      client = new ResultsClient({ url: server.url, retries: 0 })
    }

    assert.equal((await client.getTest('hard')).state, 'running')
    await client.finishTest('hard')
    const stored = keysOf(readDocument(folder, 'hard'))
    for (const key of acknowledged) assert.ok(stored.has(key), `${key} was acknowledged`)
  })
})

describe('a finish', () => {
  it('that is killed leaves no half document, and the next server completes it', async (t) => {
    for (const delay of [0, 20, 100]) {
      const folder = temporaryFolder()
      const first = await spawnServer(t, folder)
      const client = new ResultsClient({ url: first.url, retries: 0 })
      await client.createTest('end', { started: true })
      for (let sequence = 0; sequence < 20; sequence++)
        await client.submitPoints(
          'end',
          Array.from({ length: 100 }, (_, peer) => samplePoint(`p${peer}`, sequence))
        )
      const finishing = client.finishTest('end').catch(() => undefined)
      await sleep(delay)
      first.process.kill('SIGKILL')
      const answered = await finishing
      if (existsSync(join(folder, 'end.json'))) assert.equal(keysOf(readDocument(folder, 'end')).size, 2000)
      await first.ended
      const second = await spawnServer(t, folder)
      const again = new ResultsClient({ url: second.url, retries: 0 })
      if ((await again.getTest('end')).state !== 'finished') {
        assert.equal(answered, undefined)
        await again.finishTest('end')
      }
      assert.equal(keysOf(readDocument(folder, 'end')).size, 2000, `killed ${delay} ms after the call`)
      second.process.kill('SIGKILL')
      await second.ended
    }
  })
})
