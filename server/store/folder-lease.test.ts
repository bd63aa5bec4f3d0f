/** Leases of another machine expire in real time: server/two-servers.e2e.test.ts shows that. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../testing/temporary-folder'
import { describeSelf, type LeaseOwner } from './lease-owner'
import { ownFolderOf, takeFolder } from './results-folder'
import { StartError } from './start-error'

const leasesOf = (folder: string) =>
  readdirSync(ownFolderOf(folder)).filter((name) => name.startsWith('lease-'))

async function take(t: TestContext, folder: string) {
  const lease = await takeFolder(folder)
  t.after(() => lease.release())
  return lease
}

/** Writes a lease as a previous server would have left it. */
function leave(folder: string, changes: Partial<LeaseOwner>): void {
  mkdirSync(ownFolderOf(folder))
  const owner = { ...(JSON.parse(describeSelf()) as LeaseOwner), ...changes }
  writeFileSync(join(ownFolderOf(folder), 'lease-7'), JSON.stringify(owner))
}

/** Renews that lease as a living server would, until the test ends or the lease is gone. */
function keepRenewing(t: TestContext, folder: string): void {
  const renewal = setInterval(() => {
    try {
      utimesSync(join(ownFolderOf(folder), 'lease-7'), new Date(), new Date())
    } catch {
      clearInterval(renewal)
    }
  }, 10)
  t.after(() => {
    clearInterval(renewal)
  })
}

describe('takeFolder', () => {
  it('makes the folder with its parents, for this user alone, and refuses a second owner', async (t) => {
    const folder = join(temporaryFolder(), 'a', 'b')
    const lease = await take(t, folder)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    await assert.rejects(
      takeFolder(folder),
      (error) =>
        error instanceof StartError &&
        error.message.startsWith(`Another results server (process ${process.pid} on `) &&
        error.message.includes(`uses the folder ${folder}: stop it, or set TEST_RESULTS_LOCATION`)
    )
    await lease.ensureHeld()
  })

  it('passes on immediately after a release, and never gives a number twice', async (t) => {
    const folder = temporaryFolder()
    for (const number of [1, 2, 3]) {
      const lease = await takeFolder(folder)
      assert.deepEqual(leasesOf(folder), [`lease-${number}`])
      await lease.release()
    }
    await take(t, folder)
  })

  const DEAD = spawnSync('true').pid
  const PROVABLY_DEAD: [string, Partial<LeaseOwner>][] = [
    ['a process that is gone', { pid: DEAD }],
    ['an earlier process of this number', { started: '1' }]
  ]
  for (const [who, owner] of PROVABLY_DEAD)
    it(`takes over from ${who} without waiting`, async (t) => {
      const folder = temporaryFolder()
      leave(folder, owner)
      // A lease that changes never expires.
      keepRenewing(t, folder)
      await take(t, folder)
      assert.deepEqual(leasesOf(folder), ['lease-8'])
    })

  it('tells a replaced owner before it acknowledges anything', async (t) => {
    const folder = temporaryFolder()
    const stopped = await take(t, folder)
    // Does what another server does once the lease has expired.
    writeFileSync(join(ownFolderOf(folder), 'lease-2'), describeSelf())
    await stopped.lost
    await assert.rejects(stopped.ensureHeld(), { code: 'folder-lost', status: 503 })
    await stopped.release()
    assert.equal(readFileSync(join(ownFolderOf(folder), 'lease-2'), 'utf8'), describeSelf())
  })

  it('lets one win of many that start at the same time', async (t) => {
    for (let round = 0; round < 10; round++) {
      const folder = temporaryFolder()
      leave(folder, { pid: DEAD })
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeFolder(folder)))
      const leases = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      for (const lease of leases) t.after(() => lease.release())
      assert.equal(leases.length, 1)
      await sleep(0)
      await leases[0]!.ensureHeld()
    }
  })

  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const ownIsFile = temporaryFolder()
  writeFileSync(ownFolderOf(ownIsFile), '')
  const UNUSABLE: [string, string][] = [
    ['a file', file],
    ['below a file', join(file, 'x')],
    ['in /proc, where none can be made', '/proc/x'],
    ['deep in /proc', '/proc/x/y/z'],
    ['not writable', '/proc'],
    ['one whose name is too long', `/tmp/${'x'.repeat(300)}`],
    ['one where a file has the name of our own folder', ownIsFile]
  ]
  for (const [what, folder] of UNUSABLE)
    it(`names the fix for a folder that is ${what}`, async () => {
      await assert.rejects(
        takeFolder(folder),
        (error) =>
          error instanceof StartError &&
          /^Can't write to the results folder .*: set TEST_RESULTS_LOCATION to a folder of yours$/.test(
            error.message
          )
      )
    })
})
