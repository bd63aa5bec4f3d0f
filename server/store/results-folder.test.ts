import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { UserError } from '../../cli/user-error'
import { temporaryFolder } from '../testing/temporary-folder'
import { FolderInUseError, LOCKERS, ownFolderOf, takeFolder } from './results-folder'

function take(t: TestContext, folder: string): void {
  t.after(takeFolder(folder))
}

describe('takeFolder', () => {
  for (const locker of LOCKERS)
    it(`with ${locker[0]} refuses a second owner until the first one is gone`, (t) => {
      const folder = temporaryFolder()
      const release = takeFolder(folder, [locker])
      for (const other of LOCKERS)
        assert.throws(
          () => takeFolder(folder, [other]),
          (error) =>
            error instanceof FolderInUseError &&
            error.message.startsWith(`Another results server (process ${process.pid} on `) &&
            /since \d{4}-\S+Z\) uses the folder \S+: stop it, or set TEST_RESULTS_LOCATION/.test(
              error.message
            )
        )
      release()
      t.after(takeFolder(folder, [locker]))
    })

  it('makes the folder with its parents, for this user alone', (t) => {
    const folder = join(temporaryFolder(), 'a', 'b')
    take(t, folder)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  it('opens a folder that an earlier version left, with its lease', (t) => {
    const folder = temporaryFolder()
    mkdirSync(ownFolderOf(folder))
    writeFileSync(join(ownFolderOf(folder), 'lease-7'), '{"host":"here","pid":1,"scope":"","started":""}')
    take(t, folder)
  })

  it('gives the lock to no other child', (t) => {
    const folder = temporaryFolder()
    take(t, folder)
    const open = execFileSync('sh', ['-c', 'ls -l /proc/self/fd /dev/fd/ 2>&1'], { encoding: 'utf8' })
    assert.doesNotMatch(open, /\.results-server/)
  })

  it('refuses to run if nothing can lock', () =>
    assert.throws(() => takeFolder(temporaryFolder(), [['no-such-program']]), {
      name: 'UserError',
      message: /^Nothing can lock the results folder, because .*: install util-linux$/
    }))

  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const ownIsFile = temporaryFolder()
  writeFileSync(ownFolderOf(ownIsFile), '')
  const lockIsFolder = temporaryFolder()
  mkdirSync(join(ownFolderOf(lockIsFolder), 'lock'), { recursive: true })
  const addressIsFolder = temporaryFolder()
  mkdirSync(join(ownFolderOf(addressIsFolder), 'address'), { recursive: true })
  const UNUSABLE: [string, string][] = [
    ['a file', file],
    ['below a file', join(file, 'x')],
    ['in /proc, where none can be made', '/proc/x'],
    ['deep in /proc', '/proc/x/y/z'],
    ['not writable', '/proc'],
    ['one whose name is too long', `/tmp/${'x'.repeat(300)}`],
    ['one where a file has the name of our own folder', ownIsFile],
    ['one where a folder has the name of the lock', lockIsFolder],
    ['one where a folder has the name of the address', addressIsFolder]
  ]
  for (const [what, folder] of UNUSABLE)
    it(`names the fix for a folder that is ${what}`, () =>
      assert.throws(
        () => takeFolder(folder),
        (error) =>
          error instanceof UserError &&
          /^Can't write to the results folder .*: set TEST_RESULTS_LOCATION to a folder of yours$/.test(
            error.message
          )
      ))
})
