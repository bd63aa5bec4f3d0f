/** What was acknowledged is there, whatever happens. Whole servers, killed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ResultsClient } from '../protocol/api-client'
import type { ResultsDocument } from '../protocol/results-document'
import { samplePoint } from './testing/sample-data'
import { spawnServer, temporaryFolder } from './testing/test-server'

const KILLS = 50

function readDocument(folder: string, id: string): ResultsDocument {
  return JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')) as ResultsDocument
}

/** Every (peer, sequence) of a document, once each. */
function keysOf(document: ResultsDocument): Set<string> {
  const keys = document.dataPoints.map(({ peerId, sequence }) => `${peerId}/${sequence}`)
  assert.equal(new Set(keys).size, keys.length, 'no point twice')
  return new Set(keys)
}

describe('kill -9', () => {
  it(`loses no acknowledged point at any of ${KILLS} random moments of one test`, async (t) => {
    const folder = temporaryFolder(t)
    const acknowledged = new Set<string>()
    const sequences = new Map<string, number>()
    let server = await spawnServer(t, folder)
    let client = new ResultsClient({ url: server.url, retries: 0 })
    await client.createTest('hard', { started: true })

    const submit = async (peerId: string) => {
      for (;;) {
        const first = sequences.get(peerId) ?? 0
        const points = Array.from({ length: 5 }, (_, index) => samplePoint(peerId, first + index))
        await client.submitPoints('hard', points)
        for (const { sequence } of points) acknowledged.add(`${peerId}/${sequence}`)
        sequences.set(peerId, first + points.length)
      }
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const working = Promise.allSettled(['a', 'b', 'c', 'd'].map(submit))
      await sleep(Math.random() * 60)
      server.process.kill('SIGKILL')
      await server.ended
      await working
      // The retry of what was not acknowledged begins at the same sequence.
      server = await spawnServer(t, folder)
      client = new ResultsClient({ url: server.url, retries: 0 })
    }

    assert.equal((await client.getTest('hard')).state, 'running')
    await client.finishTest('hard')
    const stored = keysOf(readDocument(folder, 'hard'))
    assert.ok(acknowledged.size > KILLS, `${acknowledged.size} points acknowledged`)
    for (const key of acknowledged) assert.ok(stored.has(key), `${key} was acknowledged`)
  })
})
