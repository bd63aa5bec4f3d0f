import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
import { documentChunks, NOTHING_KNOWN, readHead } from './store/results-file'
import { serve } from './testing/test-server'
import { temporaryFolder } from './testing/temporary-folder'
import { documentText } from '../protocol/document-text'

it('writes a document as a file that the results server lists and reads', async (t) => {
  const folder = temporaryFolder()
  const document = { ...fakeDocument({ peers: 2, duration: 8 }), engine: 'simulation' as const }
  writeFileSync(join(folder, `${document.id}.json`), documentText(document))
  const { client } = await serve(t, { folder })
  assert.deepEqual(
    (await client.listTests()).map(({ id, engine }) => ({ id, engine })),
    [{ id: document.id, engine: 'simulation' }]
  )
  assert.deepEqual(await client.getDocument(document.id), JSON.parse(JSON.stringify(document)))
})

it('reads a state however long it is, and none from a file without one', () => {
  const path = join(temporaryFolder(), 'mine.json')
  const document = fakeDocument({ peers: 2, duration: 8 })
  const labels = Object.fromEntries(
    Array.from({ length: 32 }, (_, index) => [`l${index}`, 'x'.repeat(1_000)])
  )
  const text = documentText({ ...document, labels })
  writeFileSync(path, text)
  assert.deepEqual(readHead(path).labels, labels)
  const odd = documentText({ ...document, labels: { ...labels, more: '' } })
  for (const [content, problem] of [
    ['', /its end is missing/],
    [text.slice(0, -1), /its end is missing/],
    [odd, /it does not begin with a test's state \(labels\)/]
  ] as const) {
    writeFileSync(path, content)
    assert.throws(() => readHead(path), problem)
  }
})

it('writes the data of a test whose summary cannot be made', async () => {
  const state = { id: 'mine', ...NOTHING_KNOWN }
  const lists = { results: [], runner: [], topology: [] }
  const index = { ...lists, unplainPoints: new Set<number>(), damaged: new Set<number>(), points: 0 }
  const source = { journal: undefined as never, length: 0, index, state, summary: undefined }
  let text = ''
  for await (const chunk of documentChunks(source)) text += chunk.toString()
  const data = { peerResults: {}, runnerSamples: [], topologies: [], dataPoints: [] }
  assert.deepEqual(JSON.parse(text), { ...state, ...data })
})
