import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../testing/temporary-folder'
import { lockFolder, StartError } from './folder-lock'

const lockOf = (folder: string) => join(folder, '.lock')

describe('lockFolder', () => {
  it('makes the folder with its parents, for this user alone, and lets go of it', () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const unlock = lockFolder(folder)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.match(readFileSync(lockOf(folder), 'utf8'), new RegExp(`^${process.pid} `))
    assert.throws(() => lockFolder(folder), /^StartError: Another results server \(process \d+\)/)
    unlock()
    assert.equal(existsSync(lockOf(folder)), false)
    lockFolder(folder)()
  })

  const DEAD = spawnSync('true').pid
  const LEFT_BEHIND: [string, string][] = [
    ['of a process that is dead', `${DEAD} 1\n`],
    ['of an earlier process of this number', `${process.pid} 1\n`],
    ['that was never written', ''],
    ['that is no lock of ours', 'x y z'],
    ['that names a group of processes', '-1 1\n']
  ]
  for (const [which, content] of LEFT_BEHIND)
    it(`takes over a lock ${which}`, () => {
      const folder = temporaryFolder()
      writeFileSync(lockOf(folder), content)
      const unlock = lockFolder(folder)
      assert.match(readFileSync(lockOf(folder), 'utf8'), new RegExp(`^${process.pid} `))
      unlock()
    })

  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const lockIsFolder = temporaryFolder()
  mkdirSync(lockOf(lockIsFolder))
  const UNUSABLE: [string, string][] = [
    ['a file', file],
    ['below a file', join(file, 'x')],
    ['in /proc, where none can be made', '/proc/x'],
    ['deep in /proc', '/proc/x/y/z'],
    ['not writable', '/proc'],
    ['one whose name is too long', `/tmp/${'x'.repeat(300)}`],
    ['one whose lock cannot be removed', lockIsFolder]
  ]
  for (const [what, folder] of UNUSABLE)
    it(`names the fix for a folder that is ${what}`, () => {
      assert.throws(
        () => lockFolder(folder),
        (error) =>
          error instanceof StartError &&
          /^Can't write to the results folder .*: set TEST_RESULTS_LOCATION to a folder of yours$/.test(
            error.message
          )
      )
    })
})
