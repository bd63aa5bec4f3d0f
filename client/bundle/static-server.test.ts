import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { REBUILDS_PATH, servePage, type ServedPage } from './static-server'

describe('a served page', () => {
  const rebuilds = new EventTarget()
  let folder: string
  let page: ServedPage
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'served-page-'))
    await writeFile(join(folder, 'index.html'), '<p>page</p>')
    page = await servePage(folder, { rebuilds })
  })
  after(async () => {
    await page.close()
    await rm(folder, { recursive: true })
  })

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

  for (const host of ['0.0.0.0', '::', '::1'])
    it(`has an address that a browser here can open, on ${host}`, async (t) => {
      const everywhere = await servePage(folder, { host }).catch((error: unknown) => {
        const { code = '' } = error as NodeJS.ErrnoException
        if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(code)) throw error
        t.skip('no IPv6 here')
      })
      if (!everywhere) return
      t.after(() => everywhere.close())
      assert.equal(everywhere.url, `http://localhost:${everywhere.port}/`)
    })

  it('has no such path outside the devserver', async () => {
    const plain = await servePage(folder)
    assert.equal((await fetch(new URL(REBUILDS_PATH, plain.url))).status, 404)
    await plain.close()
  })
})
