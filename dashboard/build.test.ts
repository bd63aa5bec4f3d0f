import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { buildDashboard, buildOwnDashboard } from './build'

const MOST_BYTES = 100_000

it('the dashboard is under 100 KB gzipped, and asks for nothing from elsewhere', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-build-'))
  t.after(() => rm(folder, { recursive: true }))
  await buildDashboard({ outDir: folder })
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))))
  const total = files.reduce((sum, content) => sum + gzipSync(content).length, 0)
  t.diagnostic(`${total} bytes gzipped`)
  assert.ok(total < MOST_BYTES, `${total} bytes gzipped`)
  for (const file of ['index.html', 'dashboard.css']) {
    assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /https?:\/\//, file)
  }
})

it('names in one line a file that cannot be written', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-build-'))
  const { TMPDIR } = process.env
  t.after(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
    await rm(folder, { recursive: true })
  })
  // The folder's path is not too long, those of its files are.
  const deep = join(folder, ...Array<string>(20).fill('x'.repeat(190)))
  process.env.TMPDIR = join(deep, 'y'.repeat(4074 - deep.length))
  await mkdir(process.env.TMPDIR, { recursive: true })
  await assert.rejects(buildOwnDashboard(), /^UserError: The dashboard cannot be bundled: ENAMETOOLONG.*$/)
})
