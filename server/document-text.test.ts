import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { fakeDocument } from '../analysis/testing/fake-mesh'
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
