import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { REBUILDS_PATH, servePage, type ServedPage, urlOf } from './static-server'

describe('a served page', () => {
  const rebuilds = new EventTarget()
  const folder = temporaryFolder()
  let page: ServedPage
  before(async () => {
    await writeFile(join(folder, 'index.html'), '<p>page</p>')
    page = await servePage(folder, { rebuilds })
  })
  after(() => page.close())

  it('is cross-origin isolated, so its clock has a fine resolution', async () => {
    const { headers } = await fetch(page.url)
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
    assert.equal(headers.get('cross-origin-embedder-policy'), 'require-corp')
  })

  it('is told of each rebuild', async () => {
    const response = await fetch(new URL(REBUILDS_PATH, page.url))
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
    const reader = response.body!.getReader()
    rebuilds.dispatchEvent(new Event('change'))
    const { value } = await reader.read()
    assert.equal(Buffer.from(value!).toString(), 'event: change\ndata:\n\n')
    await reader.cancel()
  })

  it('has an address that a browser here can open, on all addresses', async (t) => {
    const everywhere = await servePage(folder, { host: '0.0.0.0' })
    t.after(() => everywhere.close())
    assert.equal(new URL(everywhere.url).hostname, 'localhost')
    assert.equal((await fetch(everywhere.url)).status, 200)
  })

  it('has no such path outside the devserver', async () => {
    const plain = await servePage(folder)
    assert.equal((await fetch(new URL(REBUILDS_PATH, plain.url))).status, 404)
    await plain.close()
  })
})

for (const [host, name] of [
  ['127.0.0.1', 'localhost'],
  ['::', 'localhost'],
  ['::1', 'localhost'],
  ['10.0.0.5', '10.0.0.5'],
  ['fe80::1', '[fe80::1]']
] as const)
  it(`A page that is served on ${host} is at ${name}`, () =>
    assert.equal(urlOf(host, 7), `http://${name}:7/`))
