import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { buildDashboard } from './build'

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
