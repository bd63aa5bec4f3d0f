import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as oneTurn } from 'node:timers/promises'
import type { Prisoner } from './jail'
import { planOf, type LibraryBuild } from './plan'
import { Pool, type Job } from './pool'
import { bundleBrowser, bundleLighthouse } from './world/bundles'

describe('a process of simulations that the system kills', () => {
  /** Its processes, and how a run of a broken build fails. */
  async function pool() {
    const pool = new Pool(1)
    const build = { text: 'broken', library: 'layers', weight: 1, code: 'throw new Error("planted")' }
    const builds = [{ ...build, browser: await bundleBrowser() } as LibraryBuild] as const
    const job: Job = {
      plan: planOf({ builds, peers: 2, seed: 1 }),
      lighthouse: await bundleLighthouse()
    }
    const { open } = pool as unknown as { open: ReadonlySet<Prisoner> }
    const fail = async () => (await pool.run(job, 0, {})).failures
    const kill = async () => {
      while (open.size === 0) await oneTurn()
      const [{ process: child, death }] = [...open] as [Prisoner]
      child.kill('SIGKILL')
      await death
    }
    return { pool, fail, kill }
  }

  it('is replaced if it waited for its next run', async () => {
    const { pool: all, fail, kill } = await pool()
    try {
      const failures = await fail()
      assert.match(failures[0]!, /broken does not load: Error: planted/)
      await kill()
      assert.deepEqual(await fail(), failures)
    } finally {
      all.close()
    }
  })

  it('says what may be the reason if it did not', async () => {
    const { pool: all, fail, kill } = await pool()
    try {
      const [failed] = await Promise.allSettled([fail(), kill()])
      assert.match(
        String(failed.status === 'rejected' && failed.reason),
        /ended without a result \(SIGKILL\): the machine may have no memory left$/
      )
    } finally {
      all.close()
    }
  })
})
