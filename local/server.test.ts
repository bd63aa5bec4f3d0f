import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PlainProgress } from '../cli/progress'
import { FolderInUseError } from '../server/store/start-error'
import { startLocalServer } from './server'

describe('the results server of a local test', () => {
  const usual = process.env.TEST_RESULTS_LOCATION
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-server-'))
    process.env.TEST_RESULTS_LOCATION = join(folder, 'results')
  })
  after(async () => {
    if (usual === undefined) delete process.env.TEST_RESULTS_LOCATION
    else process.env.TEST_RESULTS_LOCATION = usual
    await rm(folder, { recursive: true, force: true })
  })

  it('uses a folder next to the one that another server uses, and says so', async () => {
    const lines: string[] = []
    const progress = new PlainProgress((line) => lines.push(line))
    const first = await startLocalServer({ port: 0 }, undefined, progress)
    const second = await startLocalServer({ port: 0 }, undefined, progress)
    try {
      assert.equal(first.folder, join(folder, 'results'))
      assert.equal(second.folder, join(folder, 'results-2'))
      assert.match(lines.join('\n'), /Another results server uses .*results: .* go to .*results-2/)
      await assert.rejects(startLocalServer({ port: 0 }, first.folder, progress), FolderInUseError)
    } finally {
      await first.server.close()
      await second.server.close()
    }
  })
})
