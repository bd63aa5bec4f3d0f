import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { EMBEDDED_ID } from '../embedded'
import { writeReport } from './test-report'

describe('writeReport', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-test-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('carries the document, byte for byte, in a page that may load nothing', async () => {
    const text = JSON.stringify(
      fakeDocument({ peers: 3, duration: 10, labels: { 'x"': '</script><script>alert(1)</script><!--' } })
    )
    await writeFile(join(folder, 'test.json'), text)
    await writeReport(join(folder, 'test.json'), join(folder, 'test.html'))
    const page = await readFile(join(folder, 'test.html'), 'utf8')
    const [, embedded] = new RegExp(`id="${EMBEDDED_ID}">([^<]*)</script>`).exec(page)!
    assert.equal(gunzipSync(Buffer.from(embedded!, 'base64')).toString(), text)
    assert.equal(page.match(/<script/g)!.length, 2, 'the document adds no script')
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/)
    assert.doesNotMatch(page, /(src|href)="http/)
  })

  it('leaves nothing behind where the document cannot be read', async () => {
    await assert.rejects(writeReport(join(folder, 'absent.json'), join(folder, 'absent.html')), /ENOENT/)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('absent')),
      []
    )
  })

  it('names the place that cannot be written', async () => {
    await assert.rejects(
      writeReport(join(folder, 'test.json'), join(folder, 'no', 'where.html')),
      /^UserError: The report can't be written to .*where\.html \(ENOENT.*\): write it elsewhere .*$/
    )
    await symlink('/dev/full', join(folder, 'full.html.tmp'))
    await assert.rejects(
      writeReport(join(folder, 'test.json'), join(folder, 'full.html')),
      /^UserError: The report can't be written to .*full\.html \(ENOSPC.*\): write it elsewhere .*$/
    )
  })
})
