import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { buildDashboard, sizesOf } from './build'

const MOST_BYTES = 100_000

it('the dashboard is under 100 KB gzipped, and asks for nothing from elsewhere', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dashboard-build-'))
  t.after(() => rm(folder, { recursive: true }))
  await buildDashboard({ outDir: folder })
  const total = (await sizesOf(folder)).reduce((sum, { gzipped }) => sum + gzipped, 0)
  t.diagnostic(`${total} bytes gzipped`)
  assert.ok(total < MOST_BYTES, `${total} bytes gzipped`)
  for (const file of ['index.html', 'dashboard.css']) {
    assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /https?:\/\//, file)
  }
})
