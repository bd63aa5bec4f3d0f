import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { contentHash } from './content-hash'

const cases: { what: string; change: (folder: string) => Promise<void>; isAnother: boolean }[] = [
  {
    what: "git's own files",
    change: async (folder) => {
      await mkdir(join(folder, '.git'))
      await writeFile(join(folder, '.git', 'index'), 'refreshed')
    },
    isAnother: false
  },
  {
    what: 'the .git of a worktree',
    change: (folder) => writeFile(join(folder, '.git'), 'elsewhere'),
    isAnother: false
  },
  {
    what: 'a link to node_modules',
    change: (folder) => symlink(tmpdir(), join(folder, 'node_modules')),
    isAnother: false
  },
  {
    what: 'a link to a folder',
    change: (folder) => symlink(tmpdir(), join(folder, 'dist')),
    isAnother: true
  },
  {
    what: 'a link to nothing',
    change: (folder) => symlink('gone', join(folder, 'dist')),
    isAnother: true
  },
  { what: 'a file', change: (folder) => writeFile(join(folder, 'index.js'), ''), isAnother: true }
]

describe('The hash of a folder', () => {
  for (const { what, change, isAnother } of cases)
    it(`is ${isAnother ? 'another' : 'the same'} with ${what}`, async () => {
      const folder = temporaryFolder()
      const before = await contentHash(folder)
      await change(folder)
      assert.equal((await contentHash(folder)) !== before, isAnother)
    })
})
